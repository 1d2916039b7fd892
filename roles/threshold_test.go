package roles

import (
	"crypto/ed25519"
	"errors"
	"testing"
)

// TestCheckThreshold counts different public keys of a role that signed, whatever
// they are called, and says of each other signature why it is useless.
func TestCheckThreshold(t *testing.T) {
	a, aKey := testKey(t, TUF, 1)
	b, bKey := testKey(t, TUF, 2)
	other, otherKey := testKey(t, TUF, 3)
	twin := a
	twin.ID = "00"
	unusable := b
	unusable.ID, unusable.Problem = "01", errors.New("of no scheme that clients know")
	role := Role{Name: "targets", Threshold: 2, KeyIDs: []KeyID{a.ID, b.ID, twin.ID, unusable.ID, "gone"}}
	keys := []Key{a, b, twin, unusable, other}
	message := []byte("signed")
	by := func(id KeyID, private ed25519.PrivateKey) Signature {
		return Signature{KeyID: id, Value: ed25519.Sign(private, message)}
	}
	broken := by(b.ID, bKey)
	broken.Value[0] ^= 1
	for name, tt := range map[string]struct {
		signatures []Signature
		valid      int
	}{
		"both":                   {[]Signature{by(a.ID, aKey), by(b.ID, bKey)}, 2},
		"none":                   {nil, 0},
		"one twice":              {[]Signature{by(a.ID, aKey), by(a.ID, aKey)}, 1},
		"one under two ids":      {[]Signature{by(a.ID, aKey), by(twin.ID, aKey)}, 1},
		"by another role's key":  {[]Signature{by(a.ID, aKey), by(other.ID, otherKey)}, 1},
		"in another's name":      {[]Signature{by(a.ID, aKey), by(b.ID, aKey)}, 1},
		"one broken":             {[]Signature{by(a.ID, aKey), broken}, 1},
		"the broken one first":   {[]Signature{broken, by(b.ID, bKey), by(a.ID, aKey)}, 2},
		"by an unusable key":     {[]Signature{by(a.ID, aKey), by(unusable.ID, bKey)}, 1},
		"by a key that is gone":  {[]Signature{by(a.ID, aKey), by("gone", bKey)}, 1},
		"one that cannot be one": {[]Signature{by(a.ID, aKey), {KeyID: b.ID, Value: by(b.ID, bKey).Value, Problem: errors.New("no base64")}}, 1},
	} {
		file := &File{Format: TUF, Signed: message, Signatures: tt.signatures}
		for range 2 { // verdicts are remembered
			c := CheckThreshold(file, role, keys)
			if len(c.Valid) != tt.valid || len(c.Useless) != len(tt.signatures)-tt.valid || (c.Err() == nil) != (tt.valid == 2) {
				t.Errorf("%s: %d count, useless %v, %v; want %d", name, len(c.Valid), c.Useless, c.Err(), tt.valid)
			}
		}
	}
	refused := &File{Signed: message, Signatures: []Signature{by(a.ID, aKey), by(b.ID, bKey)}, Problem: errors.New("to be looked at only")}
	if err := CheckThreshold(refused, role, keys).Err(); err != refused.Problem {
		t.Errorf("a file that Read refuses: %v", err)
	}
}
