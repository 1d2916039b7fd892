package scene

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"

	"github.com/uptane/keyrite/hsm"
)

// StandIn makes a public key that takes the place of one that has yet to be
// generated. It is the same each time for one name, since a plan is derived more
// than once, and it is used for nothing but sizes and names: no signature by it
// ever counts.
func StandIn(name string, t hsm.KeyType) (crypto.PublicKey, error) {
	switch t {
	case hsm.ECDSAP256:
		return standInECDSA(name, ecdh.P256(), elliptic.P256(), 32)
	case hsm.ECDSAP384:
		return standInECDSA(name, ecdh.P384(), elliptic.P384(), 48)
	case hsm.RSA3072:
		return standInRSA(name, 3072), nil
	case hsm.RSA4096:
		return standInRSA(name, 4096), nil
	}
	return ed25519.NewKeyFromSeed(stretch(name, ed25519.SeedSize)).Public(), nil
}

func standInECDSA(name string, exchange ecdh.Curve, curve elliptic.Curve, size int) (crypto.PublicKey, error) {
	scalar := stretch(name, size)
	scalar[0] &= 0x7f // below the order of the group
	private, err := exchange.NewPrivateKey(scalar)
	if err != nil {
		return nil, err
	}
	return ecdsa.ParseUncompressedPublicKey(curve, private.PublicKey().Bytes())
}

// standInRSA is a number of that size of which nobody knows what it is made of.
func standInRSA(name string, bits int) crypto.PublicKey {
	n := new(big.Int).SetBytes(stretch(name, bits/8))
	n.SetBit(n.SetBit(n, bits-1, 1), 0, 1)
	return &rsa.PublicKey{N: n, E: 65537}
}

// stretch makes bytes that look random of a name.
func stretch(name string, size int) []byte {
	var out []byte
	for i := 0; len(out) < size; i++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "keyrite stand-in %d %s", i, name))
		out = append(out, sum[:]...)
	}
	return out[:size]
}
