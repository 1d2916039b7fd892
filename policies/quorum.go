package policies

import (
	"fmt"
	"maps"
	"slices"

	"github.com/uptane/keyrite/roles"
)

var signQuorum = check{CheckInfo{
	ID:       "SIGN-QUORUM",
	Severity: Error,
	Title:    "enough different keys sign each new file",
	Hint:     "let further keys of the role sign",
	Sources:  []string{"UPT-002", "TUF-018"},
	Needs:    "who signs",
}, func(e *exam) {
	if e.Signing == nil {
		e.lacks()
	}
	for _, role := range e.signedRoles() {
		t := e.role(role)
		if t == nil {
			e.report(place{role, e.rolePath(role)}, "signed, but no role trusts it", "a role that is trusted")
			continue
		}
		if n := signers(e.Signing[role], t.keys); n < t.Threshold {
			e.report(t.at("threshold"), fmt.Sprintf("%d, but %d of its keys sign", t.Threshold, n), "as many signatures")
		}
	}
}}

var signOldQuorum = check{CheckInfo{
	ID:       "SIGN-OLD-QUORUM",
	Severity: Error,
	Title:    "enough keys of the previous root sign the new one",
	Hint:     "let keys of the previous root sign too: vehicles follow only a root that the one they have vouches for",
	Sources:  []string{"UPT-007", "CLIENTS"},
	Needs:    "who signs",
}, func(e *exam) {
	if e.Signing == nil {
		e.lacks()
	}
	if !e.signs("root") || e.Previous == nil || e.Previous.Root == nil {
		return
	}
	old := e.Previous.Root
	if n, want := signers(e.Signing["root"], keysOf(old, "root")), old.Role("root").Threshold; n < want {
		e.report(place{"root", e.rolePath("root")}, fmt.Sprintf("signed by %d of the keys of root %d", n, old.Version), fmt.Sprintf("%d, its threshold", want))
	}
}}

// signers counts the different keys of a list that sign.
func signers(signing []roles.Fingerprint, keys []roles.Key) int {
	counted := map[roles.Fingerprint]bool{}
	for _, k := range keys {
		if k.Problem == nil && slices.Contains(signing, k.Fingerprint) {
			counted[k.Fingerprint] = true
		}
	}
	return len(counted)
}

// keysOf returns the keys of a role of root, none when root has no such role.
func keysOf(root *roles.Root, role string) []roles.Key {
	r := root.Role(role)
	if r == nil {
		return nil
	}
	var keys []roles.Key
	for _, k := range root.Keys {
		if slices.Contains(r.KeyIDs, k.ID) {
			keys = append(keys, k)
		}
	}
	return keys
}

// signedRoles lists the roles that are signed in this ceremony, by name.
func (s *Subject) signedRoles() []string { return slices.Sorted(maps.Keys(s.Signing)) }
