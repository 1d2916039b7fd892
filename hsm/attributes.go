// Reading attributes of objects, one at a time: PKCS#11 v3.0 §5.7.5 lets a
// module fail the whole set for one attribute that it does not know.

package hsm

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"math/big"

	"github.com/miekg/pkcs11"
)

// Constants of PKCS#11 v3.0 that miekg/pkcs11 does not have.
const (
	ckkECEdwards           = 0x40
	ckmECEdwardsKeyPairGen = 0x1055
	ckmEDDSA               = 0x1057
)

// The values of CKA_EC_PARAMS. The Edwards curve is spelled as a printable
// string by PKCS#11 v3.0 §2.3.10 and as an OID (RFC 8410) by many modules.
var (
	paramsP256        = []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}
	paramsP384        = []byte{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}
	paramsEd25519     = append([]byte{0x13, 0x0c}, "edwards25519"...)
	paramsEd25519OID  = []byte{0x06, 0x03, 0x2b, 0x65, 0x70}
	errUnknownKeyType = faultf(ErrUnsupported, "a key of a type that keyrite does not sign with")
)

// attributes are the values of an object's attributes. One that the token does
// not have, or does not tell, or that is too long to be meant, is missing.
type attributes map[uint][]byte

// maxAttributeBytes is more than any attribute has that keyrite looks at.
const maxAttributeBytes = 64 << 10

// attributes reads attributes of an object: all at once, and singly where the
// token refuses the set.
func (t *openToken) attributes(object pkcs11.ObjectHandle, kinds ...uint) (attributes, error) {
	values := attributes{}
	err := t.readAttributes(object, values, kinds...)
	if !isMissing(err) {
		return values, err
	}
	for _, kind := range kinds {
		if err := t.readAttributes(object, values, kind); err != nil && !isMissing(err) {
			return nil, err
		}
	}
	return values, nil
}

func (t *openToken) readAttributes(object pkcs11.ObjectHandle, into attributes, kinds ...uint) error {
	var template []*pkcs11.Attribute
	for _, kind := range kinds {
		template = append(template, pkcs11.NewAttribute(kind, nil))
	}
	got, err := t.raw.GetAttributeValue(t.session, object, template)
	for _, a := range got {
		if len(a.Value) <= maxAttributeBytes {
			into[a.Type] = a.Value
		}
	}
	return failed("C_GetAttributeValue", err)
}

// isMissing reports whether err says that an object has no such attribute, or
// that the token does not tell it.
func isMissing(err error) bool {
	var f *fault
	return errors.As(err, &f) && (f.ckr == pkcs11.CKR_ATTRIBUTE_TYPE_INVALID || f.ckr == pkcs11.CKR_ATTRIBUTE_SENSITIVE)
}

// flag returns a CK_BBOOL. The caller says which is the worse value, and gets it
// when the token does not tell.
func (a attributes) flag(kind uint, worse bool) bool {
	value := a[kind]
	if len(value) != 1 {
		return worse
	}
	return value[0] != 0
}

// number returns a CK_ULONG, or CK_UNAVAILABLE_INFORMATION.
func (a attributes) number(kind uint) uint {
	value := a[kind]
	if len(value) != 8 {
		return pkcs11.CK_UNAVAILABLE_INFORMATION
	}
	return uint(binary.NativeEndian.Uint64(value))
}

// publicKey reads the public key of a public key object of the given CKA_KEY_TYPE.
func (t *openToken) publicKey(object pkcs11.ObjectHandle, keyType uint) (crypto.PublicKey, error) {
	switch keyType {
	case pkcs11.CKK_RSA:
		a, err := t.attributes(object, pkcs11.CKA_MODULUS, pkcs11.CKA_PUBLIC_EXPONENT)
		if err != nil {
			return nil, err
		}
		return parseRSA(a[pkcs11.CKA_MODULUS], a[pkcs11.CKA_PUBLIC_EXPONENT])
	case pkcs11.CKK_EC, ckkECEdwards:
		a, err := t.attributes(object, pkcs11.CKA_EC_PARAMS, pkcs11.CKA_EC_POINT)
		if err != nil {
			return nil, err
		}
		return parsePoint(a[pkcs11.CKA_EC_PARAMS], a[pkcs11.CKA_EC_POINT])
	}
	return nil, errUnknownKeyType
}

// parseRSA reads a public key from CKA_MODULUS and CKA_PUBLIC_EXPONENT.
func parseRSA(modulus, exponent []byte) (crypto.PublicKey, error) {
	e := new(big.Int).SetBytes(exponent)
	if e.BitLen() > 31 || e.Bit(0) == 0 {
		return nil, faultf(ErrUnsupported, "rsa public exponent; got %v, want odd and below 2^31", e)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(e.Int64())}, nil
}

// parsePoint reads a public key from CKA_EC_PARAMS and CKA_EC_POINT. The point
// should be a DER OCTET STRING; some modules give it raw, and a raw point also
// starts with 0x04, so that only an exact length decides.
func parsePoint(params, point []byte) (crypto.PublicKey, error) {
	var inner []byte
	if rest, err := asn1.Unmarshal(point, &inner); err == nil && len(rest) == 0 {
		point = inner
	}
	var curve elliptic.Curve
	switch {
	case bytes.Equal(params, paramsEd25519), bytes.Equal(params, paramsEd25519OID):
		if len(point) != ed25519.PublicKeySize {
			return nil, faultf(ErrFailed, "ed25519 public key; got %d bytes, want %d", len(point), ed25519.PublicKeySize)
		}
		return ed25519.PublicKey(point), nil
	case bytes.Equal(params, paramsP256):
		curve = elliptic.P256()
	case bytes.Equal(params, paramsP384):
		curve = elliptic.P384()
	default:
		return nil, errUnknownKeyType
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, faultf(ErrFailed, "ecdsa public key: %v", err)
	}
	return key, nil
}
