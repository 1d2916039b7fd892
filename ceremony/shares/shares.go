package shares

import (
	"crypto/rand"
	"crypto/sha256"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
)

// Bytes is the length of a secret: an AES-256 key.
const Bytes = 32

// Most is how many shares there may be.
const Most = 16

// Share is what one custodian holds: a point of Shamir's polynomial over the integers
// modulo the order of P-256, whose value at 0 is the secret.
type Share struct {
	Needed int         // shares that make the secret
	Number int         // of this one: the place of its point, from 1
	Check  string      // check value of the secret, the same on each share
	value  [Bytes]byte // of the polynomial there, big endian
}

// Split makes a new random secret, and n shares of which any k make it. The caller
// wipes the secret.
func Split(k, n int) (secret []byte, list []Share, err error) {
	if k < 2 || k > n || n > Most {
		return nil, nil, fault.Errorf(fault.Usage, "shares; got %d of %d, want 2 to %d shares of which at least 2 are needed: no one person may know the secret", k, n, Most)
	}
	chosen := group.P256.RandomNonZeroScalar(rand.Reader)
	if secret, err = chosen.MarshalBinary(); err != nil {
		return nil, nil, err
	}
	check := hsm.CheckValue(secret)
	for i, point := range secretsharing.New(rand.Reader, uint(k-1), chosen).Share(uint(n)) {
		value, err := point.Value.MarshalBinary()
		if err != nil {
			return nil, nil, err
		}
		list = append(list, Share{Needed: k, Number: i + 1, Check: check, value: [Bytes]byte(value)})
	}
	return secret, list, nil
}

// Join makes the secret of shares. The caller wipes it. Shares that do not belong
// together, too few, and one that is there twice are refused.
func Join(list []Share) (secret []byte, err error) {
	var points []secretsharing.Share
	seen := map[int]bool{}
	for _, s := range list {
		switch {
		case s.Needed != list[0].Needed || s.Check != list[0].Check:
			return nil, fault.Errorf(fault.Unverified, "share %d is of another secret: it says %d needed, check value %s; share %d says %d, %s",
				s.Number, s.Needed, s.Check, list[0].Number, list[0].Needed, list[0].Check)
		case seen[s.Number]:
			return nil, fault.Errorf(fault.Usage, "share %d is there twice, want different ones", s.Number)
		}
		seen[s.Number] = true
		id, value := group.P256.NewScalar().SetUint64(uint64(s.Number)), group.P256.NewScalar()
		if err := value.UnmarshalBinary(s.value[:]); err != nil {
			return nil, fault.Errorf(fault.Unverified, "share %d: %w", s.Number, err)
		}
		points = append(points, secretsharing.Share{ID: id, Value: value})
	}
	if len(list) == 0 || len(list) < list[0].Needed {
		return nil, fault.Errorf(fault.Usage, "got %s, want as many as are needed", words.Count(len(list), "share"))
	}
	joined, err := secretsharing.Recover(uint(list[0].Needed-1), points)
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "shares: %w", err)
	}
	if secret, err = joined.MarshalBinary(); err != nil {
		return nil, err
	}
	if got := hsm.CheckValue(secret); got != list[0].Check {
		hsm.Wipe(secret)
		return nil, fault.Errorf(fault.Unverified, "the shares make a secret with check value %s, want %s: one of them is not what was made", got, list[0].Check)
	}
	return secret, nil
}

// Wipe overwrites the share.
func (s *Share) Wipe() { hsm.Wipe(s.value[:]) }

// mark begins what a checksum is made of.
const mark = "keyrite share v1\x00"

// sumBytes is the length of the checksum at the end of a share.
const sumBytes = 3

func sum(body []byte) []byte {
	all := sha256.Sum256(append([]byte(mark), body...))
	return all[:sumBytes]
}
