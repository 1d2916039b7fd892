package roles

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
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

// VerifySignature checks one signature over message with Go's standard
// library. It is the only place of keyrite that decides whether a signature of
// metadata is good.
func VerifySignature(k Key, message, signature []byte) error {
	if k.Problem != nil {
		return k.Problem
	}
	good := false
	switch public := k.Public.(type) {
	case ed25519.PublicKey:
		good = ed25519.Verify(public, message, signature)
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(public, digest(k.Scheme, message), signature)
	case *rsa.PublicKey:
		good = verifyRSA(public, k.Scheme, message, signature)
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
func verifyRSA(k *rsa.PublicKey, scheme Scheme, message, signature []byte) bool {
	hash := crypto.SHA256
	switch scheme {
	case RSAPKCS1v15SHA256:
		return rsa.VerifyPKCS1v15(k, hash, digest(scheme, message), signature) == nil
	case RSAPSSSHA512:
		hash = crypto.SHA512
	}
	options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: hash}
	return rsa.VerifyPSS(k, hash, digest(scheme, message), signature, options) == nil
}

// digest hashes a message as the scheme says.
func digest(scheme Scheme, message []byte) []byte {
	switch scheme {
	case ECDSAP384SHA384:
		sum := sha512.Sum384(message)
		return sum[:]
	case RSAPSSSHA512:
		sum := sha512.Sum512(message)
		return sum[:]
	}
	sum := sha256.Sum256(message)
	return sum[:]
}
