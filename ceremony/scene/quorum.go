package scene

import (
	"cmp"
	"slices"

	"github.com/uptane/keyrite/roles"
)

// Quorums are the thresholds that the signatures of a role's file must meet.
func (s *Scene) Quorums(role string) []Quorum {
	keys, threshold := s.Repo.Signers(role)
	q := Quorum{Name: role, Keys: keys, Threshold: threshold}
	if role != "root" {
		return []Quorum{q}
	}
	q.Name = "new root"
	if old := s.Signed.RootBody(); old != nil {
		return []Quorum{{Name: "previous root", Keys: s.PreviousKeys(), Threshold: old.Role("root").Threshold}, q}
	}
	return []Quorum{q}
}

// PreviousKeys names the root keys of the signed root. A key without a record in
// keys/ has no name and cannot be asked to sign.
func (s *Scene) PreviousKeys() []string {
	root := s.Signed.RootBody()
	if root == nil {
		return nil
	}
	var names []string
	for _, k := range Listed(root, "root") {
		if name, ok := s.Ring.NameOf(k); ok {
			names = append(names, name)
		}
	}
	// Not in the order of key ids, which are others in a rehearsal.
	place := func(name string) int {
		if i := slices.Index(s.Repo.KeyNames, name); i >= 0 {
			return i
		}
		return len(s.Repo.KeyNames)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	return names
}

// Listed are the keys of a role in a signed root.
func Listed(root *roles.Root, role string) []roles.Key {
	if r := root.Role(role); r != nil {
		return WithIDs(root.Keys, r.KeyIDs)
	}
	return nil
}

func WithIDs(keys []roles.Key, ids []roles.KeyID) []roles.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k roles.Key) bool { return !slices.Contains(ids, k.ID) })
}

// Quorum is a threshold that the signatures of one file must meet. Root has
// two: the previous root's and its own (Uptane Standard 2.1.0 §5.4.4.3, 2.3).
type Quorum struct {
	Name      string   // in the words of plan.yaml: `previous root`, `new root`, `targets`
	Keys      []string // names, in the order of trust.yaml
	Threshold int
}

// Candidates lists every key of some quorums once.
func Candidates(quorums []Quorum) []string {
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

// LacksSignatures says whether the signed file of a role would lack signatures under the
// keys that are wanted.
func (s *Scene) LacksSignatures(role string) bool {
	if role == "root" {
		return false
	}
	wanted, keys := s.Signers(role)
	return roles.CheckThreshold(s.Signed.File(role), wanted, keys).Err() != nil
}
