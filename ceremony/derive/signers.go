package derive

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/words"
)

// signer is a key that is asked to sign, and what its signature counts for.
type signer struct {
	key       string
	external  bool
	sealed    bool // in the kit that is completed
	countsFor []string
}

// reach is how a key can be asked to sign.
type reach int

const (
	nowhere reach = iota // not at all
	onToken              // on a token of this room
	atSite               // at another site
	byHand               // its signature is brought in
)

// chooseSigners picks the fewest keys that meet every quorum: those on tokens
// of this room first, then those of other sites, and of these those that count for more than one, then in the order of
// trust.yaml. It fails before anything is generated when a quorum cannot be reached.
func chooseSigners(role string, quorums []scene.Quorum, reached func(key string) reach) ([]signer, error) {
	c := choice{quorums: quorums, count: make([]int, len(quorums))}
	return c.fill(role, reached)
}

// fill adds the fewest keys that meet every quorum.
func (c *choice) fill(role string, reached func(key string) reach) ([]signer, error) {
	for _, at := range []reach{onToken, atSite, byHand} {
		c.choose(func(key string) bool { return reached(key) == at }, at == byHand)
	}
	for i, q := range c.quorums {
		if c.count[i] < q.Threshold {
			return nil, unreachable(role, q, func(key string) bool { return reached(key) != nowhere })
		}
	}
	return c.chosen, nil
}

// choose picks the keys that are asked to sign the file of a role.
func (d *derivation) choose(role string) ([]signer, error) {
	reached := func(key string) reach { return d.reach(role, key) }
	switch quorums := d.Quorums(role); {
	case d.plan.Emergency != "":
		return d.presigners(quorums, reached)
	case d.kit != nil && role == "root":
		return d.completers(quorums, reached)
	default:
		return chooseSigners(role, quorums, reached)
	}
}

// choice is which keys sign, and how many signatures each quorum has by them.
type choice struct {
	quorums []scene.Quorum
	count   []int
	chosen  []signer
}

func (c *choice) choose(may func(key string) bool, external bool) {
	for wanted := len(c.quorums); wanted > 0; wanted-- {
		for _, key := range scene.Candidates(c.quorums) {
			counts := countsFor(c.quorums, key)
			if len(counts) != wanted || !may(key) || !helps(c.quorums, c.count, counts) || c.has(key) {
				continue
			}
			s := signer{key: key, external: external}
			for _, i := range counts {
				c.count[i]++
				s.countsFor = append(s.countsFor, c.quorums[i].Name)
			}
			c.chosen = append(c.chosen, s)
		}
	}
}

func (c *choice) has(key string) bool {
	return slices.ContainsFunc(c.chosen, func(s signer) bool { return s.key == key })
}

func countsFor(quorums []scene.Quorum, key string) []int {
	var list []int
	for i, q := range quorums {
		if slices.Contains(q.Keys, key) {
			list = append(list, i)
		}
	}
	return list
}

// helps says whether a quorum that the key counts for still lacks signatures.
func helps(quorums []scene.Quorum, count, counts []int) bool {
	return slices.ContainsFunc(counts, func(i int) bool { return count[i] < quorums[i].Threshold })
}

func unreachable(role string, q scene.Quorum, held func(string) bool) error {
	var have []string
	for _, key := range q.Keys {
		if held(key) {
			have = append(have, key)
		}
	}
	out := "%s: the threshold of %s cannot be reached here; "
	switch {
	case len(q.Keys) == 0: // of a root that others made
		return fault.Errorf(fault.Refused, out+"none of its keys has a record in keys/", role, q.Name).
			Hint("bring the public keys in: keyrite key import NAME FILE")
	case have == nil:
		return fault.Errorf(fault.Refused, out+"no key of it is held here, want %d", role, q.Name, q.Threshold)
	}
	return fault.Errorf(fault.Refused, out+"got %d of %d keys (%s)", role, q.Name, len(have), q.Threshold, words.List(have))
}
