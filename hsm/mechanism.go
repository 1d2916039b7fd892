// How a key type is made and signed with. The mechanism of a key is chosen
// once, when the key is generated or found, and recorded with its evidence.

package hsm

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/miekg/pkcs11"
)

// mechanism is a signing mechanism of PKCS#11.
type mechanism uint

const (
	mechEdDSA      mechanism = ckmEDDSA
	mechECDSA      mechanism = pkcs11.CKM_ECDSA
	mechPSSMessage mechanism = pkcs11.CKM_SHA256_RSA_PKCS_PSS // the token hashes
	mechPSSDigest  mechanism = pkcs11.CKM_RSA_PKCS_PSS        // keyrite hashes
)

// pssSalt is the length of the RSA-PSS salt in bytes: that of the hash, which is
// what TUF 1.0.34 §4.2 clients expect of rsassa-pss-sha256.
const pssSalt = 32

// String spells the mechanism as PKCS#11 does.
func (m mechanism) String() string { return mechanismName(uint(m)) }

// params returns what C_SignInit takes.
func (m mechanism) params() []*pkcs11.Mechanism {
	var parameter any
	if m == mechPSSMessage || m == mechPSSDigest {
		parameter = pkcs11.NewPSSParams(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, pssSalt)
	}
	return []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(m), parameter)}
}

// input returns what the token is given for a message: the message where the
// token hashes, else its digest.
func (m mechanism) input(kind KeyType, message []byte) []byte {
	switch {
	case m == mechEdDSA || m == mechPSSMessage:
		return message
	case kind == ECDSAP384:
		digest := sha512.Sum384(message)
		return digest[:]
	}
	digest := sha256.Sum256(message)
	return digest[:]
}

// output returns the signature as keyrite wants it. PKCS#11 has r and s of ECDSA
// one after the other; RFC 3279 §2.2.3, X.509 and TUF have them in ASN.1.
func (m mechanism) output(signature []byte) ([]byte, error) {
	if m != mechECDSA {
		return signature, nil
	}
	half := len(signature) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]),
	})
}

// mechanisms returns the signing mechanisms for a key type, best first.
func (k KeyType) mechanisms() []mechanism {
	switch k {
	case Ed25519:
		return []mechanism{mechEdDSA}
	case ECDSAP256, ECDSAP384:
		return []mechanism{mechECDSA}
	}
	return []mechanism{mechPSSMessage, mechPSSDigest}
}

// recipe is what PKCS#11 wants to know to make a key pair.
type recipe struct {
	keyType   uint
	mechanism uint
	public    [][]*pkcs11.Attribute // what describes the key in the public template, in every spelling, best first
}

// recipe returns how a pair of this type is made.
func (k KeyType) recipe() recipe {
	ec := func(spellings ...[]byte) (public [][]*pkcs11.Attribute) {
		for _, params := range spellings {
			public = append(public, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, params)})
		}
		return public
	}
	rsa := func(bits int) [][]*pkcs11.Attribute {
		return [][]*pkcs11.Attribute{{
			pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, bits),
			pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1}),
		}}
	}
	switch k {
	case Ed25519:
		return recipe{ckkECEdwards, ckmECEdwardsKeyPairGen, ec(paramsEd25519, paramsEd25519OID)}
	case ECDSAP256:
		return recipe{pkcs11.CKK_EC, pkcs11.CKM_EC_KEY_PAIR_GEN, ec(paramsP256)}
	case ECDSAP384:
		return recipe{pkcs11.CKK_EC, pkcs11.CKM_EC_KEY_PAIR_GEN, ec(paramsP384)}
	case RSA3072:
		return recipe{pkcs11.CKK_RSA, pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, rsa(3072)}
	}
	return recipe{pkcs11.CKK_RSA, pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, rsa(4096)}
}

// mechanismNames are the mechanisms that matter to keyrite.
var mechanismNames = map[uint]string{
	pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN:  "CKM_RSA_PKCS_KEY_PAIR_GEN",
	pkcs11.CKM_RSA_X9_31_KEY_PAIR_GEN: "CKM_RSA_X9_31_KEY_PAIR_GEN",
	pkcs11.CKM_EC_KEY_PAIR_GEN:        "CKM_EC_KEY_PAIR_GEN",
	ckmECEdwardsKeyPairGen:            "CKM_EC_EDWARDS_KEY_PAIR_GEN",
	uint(mechEdDSA):                   "CKM_EDDSA",
	uint(mechECDSA):                   "CKM_ECDSA",
	uint(mechPSSMessage):              "CKM_SHA256_RSA_PKCS_PSS",
	uint(mechPSSDigest):               "CKM_RSA_PKCS_PSS",
	pkcs11.CKM_AES_KEY_WRAP_PAD:       "CKM_AES_KEY_WRAP_PAD",
	ckmAESKeyWrapKWP:                  "CKM_AES_KEY_WRAP_KWP",
}

// mechanismName spells a mechanism as PKCS#11 does, or as a number.
func mechanismName(m uint) string {
	if name, ok := mechanismNames[m]; ok {
		return name
	}
	return fmt.Sprintf("0x%X", m)
}
