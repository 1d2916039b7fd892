package roles

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Signature is one entry of a file's `signatures`.
type Signature struct {
	KeyID  KeyID
	Method string // ota-ce's `method`; empty in tuf, where the key has the scheme
	Value  []byte // decoded: 64 bytes for Ed25519, ASN.1 DER for ECDSA, the modulus' size for RSA
	// Problem says why the entry cannot be a signature; Value is nil then.
	Problem error
}

// decodeBase64 reads standard base64 on one line. Go's decoder passes over line
// breaks, other programs do not.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("base64 with a line break")
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}

// errEmptySignature is a placeholder, as some tools leave it for who has yet to
// sign.
var errEmptySignature = errors.New("sig is empty: nobody has signed there yet")

var errBadSignature = errors.New("signature does not fit the content")

// VerifySignature checks one signature over data with Go's standard
// library. It is the only place of keyrite that decides whether a signature of
// metadata is good.
func VerifySignature(k Key, data, signature []byte) error {
	return (&message{bytes: data}).verify(k, signature)
}

func verifySignature(k Key, m *message, signature []byte) error {
	good := false
	switch public := k.Public.(type) {
	case ed25519.PublicKey:
		good = ed25519.Verify(public, m.bytes, signature)
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(public, m.digest(k.Scheme), signature)
	case *rsa.PublicKey:
		good = verifyRSA(public, k.Scheme, m, signature)
	default:
		return fmt.Errorf("key %s cannot be used", k.ID)
	}
	if !good {
		return errBadSignature
	}
	return nil
}

// verifyRSA takes salts of any length, as the clients do; keyrite writes salts
// of the hash's length.
func verifyRSA(k *rsa.PublicKey, scheme Scheme, m *message, signature []byte) bool {
	hash := crypto.SHA256
	switch scheme {
	case RSAPKCS1v15SHA256:
		return rsa.VerifyPKCS1v15(k, hash, m.digest(scheme), signature) == nil
	case RSAPSSSHA512:
		hash = crypto.SHA512
	}
	options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: hash}
	return rsa.VerifyPSS(k, hash, m.digest(scheme), signature, options) == nil
}

// digest hashes a message as the scheme says.
func (m *message) digest(scheme Scheme) []byte {
	switch scheme {
	case ECDSAP384SHA384:
		sum := sha512.Sum384(m.bytes)
		return sum[:]
	case RSAPSSSHA512:
		sum := m.sums.sha512(m.bytes)
		return sum[:]
	}
	sum := m.sums.sha256(m.bytes)
	return sum[:]
}
