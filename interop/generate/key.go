package generate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"

	"github.com/uptane/keyrite/roles"
)

// Key is a throwaway key pair in software.
type Key struct {
	roles.Key
	private crypto.Signer
}

// kind makes a private key of one type.
type kind func() (crypto.Signer, error)

func ed25519Key() (crypto.Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return private, err
}

func p256Key() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func rsaKey() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 3072) }

func newKey(f roles.Format, k kind) (*Key, error) {
	private, err := k()
	if err != nil {
		return nil, err
	}
	public, err := roles.NewKey(f, private.Public())
	return &Key{public, private}, err
}

// alias is the same key pair under another key id.
func (k *Key) alias(id string) *Key {
	other := *k
	other.ID = roles.KeyID(id)
	return &other
}

// sign makes a signature as the key's scheme wants it: Ed25519 over the
// message, ECDSA in ASN.1 and RSA-PSS with a salt of 32 bytes over its SHA-256.
func (k *Key) sign(message []byte) (roles.SignedBy, error) {
	var options crypto.SignerOpts = crypto.Hash(0)
	if k.Scheme != roles.Ed25519 {
		options = crypto.SHA256
	}
	if k.Scheme == roles.RSAPSSSHA256 {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	}
	value, err := crypto.SignMessage(k.private, rand.Reader, message, options)
	return roles.SignedBy{Key: k.Key, Value: value}, err
}

// publics are the public halves.
func publics(keys []*Key) []roles.Key {
	list := make([]roles.Key, len(keys))
	for i, k := range keys {
		list[i] = k.Key
	}
	return list
}
