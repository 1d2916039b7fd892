package foreign

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/big"

	"github.com/uptane/keyrite/roles"
)

// hashOf is the hash of a key's scheme, for PSS.
func hashOf(k roles.Key) crypto.Hash {
	if k.Scheme == roles.RSAPSSSHA512 {
		return crypto.SHA512
	}
	return crypto.SHA256
}

// checkSalt wants a salt as long as the hash (RFC 8017 §9.1): verifiers that know the
// length in advance, as tough does, take no other.
func checkSalt(k roles.Key, signature []byte) error {
	public, ok := k.Public.(*rsa.PublicKey)
	if !ok {
		return nil
	}
	want := hashOf(k).Size()
	if salt, ok := saltOf(encoded(public, signature), public, hashOf(k)); !ok || salt != want {
		return fmt.Errorf("its PSS salt is %d bytes, want %d", salt, want)
	}
	return nil
}

// encoded is the encoded message in an RSA signature (RFC 8017 §8.1.2), as long as
// the modulus; nil where it is none.
func encoded(public *rsa.PublicKey, signature []byte) []byte {
	s := new(big.Int).SetBytes(signature)
	if len(signature) != public.Size() || s.Cmp(public.N) >= 0 {
		return nil
	}
	m := s.Exp(s, big.NewInt(int64(public.E)), public.N)
	return m.FillBytes(make([]byte, public.Size()))
}

// saltOf opens the encoding of PSS (RFC 8017 §9.1.2) as far as it goes without the
// message, and returns the length of its salt.
func saltOf(em []byte, public *rsa.PublicKey, hash crypto.Hash) (salt int, ok bool) {
	bits := public.N.BitLen() - 1
	if extra := len(em) - (bits+7)/8; len(em) == 0 || extra > 0 && em[0] != 0 {
		return 0, false
	} else if extra > 0 {
		em = em[extra:]
	}
	size := hash.Size()
	if len(em) < size+2 || em[len(em)-1] != 0xbc {
		return 0, false
	}
	split := len(em) - size - 1
	db := unmask(em[:split], em[split:len(em)-1], hash)
	db[0] &= 0xff >> (8*len(em) - bits)
	zeros := len(db) - len(bytes.TrimLeft(db, "\x00"))
	if zeros == len(db) || db[zeros] != 1 {
		return 0, false
	}
	return len(db) - zeros - 1, true
}

// unmask takes the mask of MGF1 off (RFC 8017 §B.2.1).
func unmask(masked, seed []byte, hash crypto.Hash) []byte {
	out := make([]byte, 0, len(masked)+hash.Size())
	for i := uint32(0); len(out) < len(masked); i++ {
		h := hash.New()
		h.Write(seed)
		h.Write(binary.BigEndian.AppendUint32(nil, i))
		out = h.Sum(out)
	}
	out = out[:len(masked)]
	for i := range out {
		out[i] ^= masked[i]
	}
	return out
}

func base64Of(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
