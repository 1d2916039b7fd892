// Verifying what a token signed, with the standard library and nothing else:
// no module can talk keyrite into using a bad signature.

package hsm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
)

var errVerify = errors.New("verification failed")

// Verify checks a signature as [Key.Sign] makes it, by a key of any of the types that
// sign.
func Verify(pub crypto.PublicKey, message, signature []byte) error {
	if err := verify(pub, message, signature); err != nil {
		return newError("", "", ErrSignature, "%v", err)
	}
	return nil
}

// verify checks a signature as Key.Sign makes it.
func verify(pub crypto.PublicKey, message, signature []byte) error {
	kind, err := TypeOf(pub)
	if err != nil {
		return err
	}
	ok := false
	switch pub := pub.(type) {
	case ed25519.PublicKey:
		ok = ed25519.Verify(pub, message, signature)
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(pub, mechECDSA.input(kind, message), signature)
	case *rsa.PublicKey:
		digest := sha256.Sum256(message)
		options := &rsa.PSSOptions{SaltLength: pssSalt, Hash: crypto.SHA256}
		ok = rsa.VerifyPSS(pub, crypto.SHA256, digest[:], signature, options) == nil
	}
	if !ok {
		return fmt.Errorf("%w; got %d bytes for a %s key", errVerify, len(signature), kind)
	}
	return nil
}
