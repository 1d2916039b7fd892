// The key types that keyrite generates and signs with. Uptane Standard 2.1.0
// §5.3.1 leaves the algorithm open; these are what the field's clients take.

package hsm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"
)

// KeyType is a kind of key pair, spelled as in trust.yaml.
type KeyType string

// Every key type, in the order in which people are shown them.
const (
	Ed25519   KeyType = "ed25519"
	ECDSAP256 KeyType = "ecdsa-p256"
	ECDSAP384 KeyType = "ecdsa-p384"
	RSA3072   KeyType = "rsa-3072"
	RSA4096   KeyType = "rsa-4096"
)

// RSA2048 signs and is never generated: keys of old fleets have it, and their root
// must be able to sign its successor.
const RSA2048 KeyType = "rsa-2048"

// SigningTypes lists every key type that signs.
func SigningTypes() []KeyType { return append(KeyTypes(), RSA2048) }

// KeyTypes lists every key type that is generated.
func KeyTypes() []KeyType {
	return []KeyType{Ed25519, ECDSAP256, ECDSAP384, RSA3072, RSA4096}
}

// ParseKeyType returns the key type spelled s, of a key that is to be generated.
func ParseKeyType(s string) (KeyType, error) {
	if slices.Contains(KeyTypes(), KeyType(s)) {
		return KeyType(s), nil
	}
	var names []string
	for _, t := range KeyTypes() {
		names = append(names, string(t))
	}
	what := "unknown"
	if KeyType(s) == RSA2048 {
		what = "keys of this type sign, and none is generated"
	}
	return "", fmt.Errorf("key type: %s; got %q, want one of %s", what, s, strings.Join(names, ", "))
}

// TypeOf returns the type of a public key, which is an ed25519.PublicKey, an
// *ecdsa.PublicKey or an *rsa.PublicKey.
func TypeOf(pub crypto.PublicKey) (KeyType, error) {
	switch pub := pub.(type) {
	case ed25519.PublicKey:
		if len(pub) == ed25519.PublicKeySize {
			return Ed25519, nil
		}
	case *ecdsa.PublicKey:
		switch pub.Curve {
		case elliptic.P256():
			return ECDSAP256, nil
		case elliptic.P384():
			return ECDSAP384, nil
		}
	case *rsa.PublicKey:
		switch pub.N.BitLen() {
		case 2048:
			return RSA2048, nil
		case 3072:
			return RSA3072, nil
		case 4096:
			return RSA4096, nil
		}
		return "", fmt.Errorf("key type: RSA modulus; got %d bits, want 2048, 3072 or 4096", pub.N.BitLen())
	}
	return "", fmt.Errorf("key type: public key of a kind that keyrite does not sign with; got %T", pub)
}
