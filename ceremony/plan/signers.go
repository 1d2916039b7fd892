package plan

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
)

// Quorum is a threshold that the signatures of one file must meet. Root has
// two: the previous root's and its own (Uptane Standard 2.1.0 §5.4.4.3, 2.3).
type Quorum struct {
	Name      string   // in the words of plan.yaml: `previous root`, `new root`, `targets`
	Keys      []string // names, in the order of trust.yaml
	Threshold int
}

// signer is a key that is asked to sign, and what its signature counts for.
type signer struct {
	key       string
	countsFor []string
}

// chooseSigners picks the fewest keys that meet every quorum: those that count
// for more than one first, then in the order of trust.yaml. It fails before
// anything is generated when a quorum cannot be reached with the keys that are
// held here.
func chooseSigners(role string, quorums []Quorum, held func(key string) bool) ([]signer, error) {
	var chosen []signer
	count := make([]int, len(quorums))
	for wanted := len(quorums); wanted > 0; wanted-- {
		for _, key := range candidates(quorums) {
			counts := countsFor(quorums, key)
			if len(counts) != wanted || !held(key) || !helps(quorums, count, counts) {
				continue
			}
			s := signer{key: key}
			for _, i := range counts {
				count[i]++
				s.countsFor = append(s.countsFor, quorums[i].Name)
			}
			chosen = append(chosen, s)
		}
	}
	for i, q := range quorums {
		if count[i] < q.Threshold {
			return nil, unreachable(role, q, held)
		}
	}
	return chosen, nil
}

// candidates lists every key of the quorums once.
func candidates(quorums []Quorum) []string {
	var all []string
	for _, q := range quorums {
		for _, key := range q.Keys {
			if !slices.Contains(all, key) {
				all = append(all, key)
			}
		}
	}
	return all
}

func countsFor(quorums []Quorum, key string) []int {
	var list []int
	for i, q := range quorums {
		if slices.Contains(q.Keys, key) {
			list = append(list, i)
		}
	}
	return list
}

// helps says whether a quorum that the key counts for still lacks signatures.
func helps(quorums []Quorum, count, counts []int) bool {
	return slices.ContainsFunc(counts, func(i int) bool { return count[i] < quorums[i].Threshold })
}

func unreachable(role string, q Quorum, held func(string) bool) error {
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
