package roles

import (
	"fmt"
	"slices"
	"strconv"
)

// Succinct is a set of hash bins in one entry: 2^BitLength roles with the same
// keys and threshold, each of which speaks for the paths whose SHA-256 begins
// with the bits of its number (TAP 15). Name is what the names of all bins begin
// with. keyrite reads and checks them; it makes none.
type Succinct struct {
	Role
	BitLength int
}

// maxBinBits bounds what a few bytes of a file make a reader hold: the largest
// repositories in use have so many bins.
const maxBinBits = 14

func (s *scanner) succinct() (*Succinct, error) {
	var b Succinct
	var seen fields
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "bit_length":
			seen.add("bit_length")
			n, err := s.integer(1)
			if err == nil && n > maxBinBits {
				err = fmt.Errorf("got %d, want at most %d: keyrite reads up to %d hash bins", n, maxBinBits, 1<<maxBinBits)
			}
			b.BitLength = int(n)
			return err
		case "name_prefix":
			seen.add("name_prefix")
			b.Name, err = s.str()
			return err
		}
		return s.roleField(&b.Role, &seen, name)
	})
	if err == nil {
		err = seen.need("bit_length", "keyids", "name_prefix", "threshold")
	}
	return &b, err
}

// bins are the delegated roles that an entry stands for, in the order of their
// numbers. TAP 15 has each of them end a search.
func (b *Succinct) bins() []DelegatedRole {
	count := 1 << b.BitLength
	digits := len(strconv.FormatInt(int64(count-1), 16))
	each := 1 << (4*digits - b.BitLength) // prefixes of that many digits in one bin
	prefixes := make([]string, count*each)
	for i := range prefixes {
		prefixes[i] = fmt.Sprintf("%0*x", digits, i)
	}
	bins := make([]DelegatedRole, count)
	for i := range bins {
		bins[i] = DelegatedRole{
			Role:         Role{Name: fmt.Sprintf("%s-%0*x", b.Name, digits, i), KeyIDs: b.KeyIDs, Threshold: b.Threshold},
			HashPrefixes: slices.Clip(prefixes[i*each : (i+1)*each]),
			Terminating:  true,
		}
	}
	return bins
}

// words are the bins for people.
func (b *Succinct) words() string {
	digits := len(strconv.FormatInt(int64(1<<b.BitLength-1), 16))
	return fmt.Sprintf("%d hash bins, %s-%0*x to %s-%x", 1<<b.BitLength, b.Name, digits, 0, b.Name, 1<<b.BitLength-1)
}

func (w *writer) succinct(b *Succinct) {
	w.object(b.Extra, func() {
		w.field("bit_length").integer(int64(b.BitLength))
		w.field("keyids").keyIDs(b.KeyIDs)
		w.field("name_prefix").free(b.Name)
		w.field("threshold").integer(int64(b.Threshold))
	})
}
