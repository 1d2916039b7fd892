package policies

import (
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
)

var keyStolen = check{CheckInfo{
	ID:       "KEY-STOLEN",
	Severity: Error,
	Title:    "no key that was stolen is trusted any more",
	Hint:     "name another key in its place in trust.yaml, for every role that lists it",
	Sources:  []string{"DBP-035", "DBP-039", "TUF-033"},
}, func(e *exam) {
	e.needRoles("root")
	for _, k := range e.keys() {
		if e.Stolen[k.Fingerprint] && k.Problem == nil {
			e.report(k.at, "stolen, and a key of "+k.roleNames(), "a new key in its place")
		}
	}
}}

var keysTogether = check{CheckInfo{
	ID:       "KEYS-TOGETHER",
	Severity: Error,
	Title:    "when root replaces a key that a server had, it replaces all keys that could be taken with it",
	Hint: "replace all keys of snapshot and timestamp, and of a Director's targets too: who broke into a server had all of them, and " +
		"some vehicles forget what a thief signed only when no key of either role is kept",
	Sources:  []string{"DBP-035", "UPT-011", "UPT-054", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	if !e.needPrevious() || e.Next.Root == nil {
		e.lacks()
		return
	}
	if e.Previous == nil || e.Previous.Root == nil {
		return
	}
	gone, stolen := e.gone()
	if gone == "" {
		return
	}
	for _, role := range e.policy.Together() {
		if kept := e.kept(role); len(kept) > 0 {
			e.keeps(role, kept, gone, stolen)
		}
	}
}}

// keeps reports a role that keeps keys which others were replaced beside.
func (e *exam) keeps(role string, kept []string, gone string, stolen bool) {
	at := e.role(role).at("keys")
	got := "keeping " + strings.Join(kept, ", ")
	if stolen {
		e.report(at, got, "new keys: "+gone+" was stolen")
		return
	}
	e.advise(at, got, "new keys: "+gone+" is replaced, and one server had both")
}

// Together are the roles whose keys one server has, so that KEYS-TOGETHER wants all
// replaced when one is stolen: those that clients forget together, and what a Director
// decides online (Uptane Deployment Best Practices 2.1.0, Key management, Compromise of
// the Director).
func (p *Policy) Together() []string {
	if p.Director() {
		return []string{"targets", "snapshot", "timestamp"}
	}
	return []string{"snapshot", "timestamp"}
}

// Director says whether the policy is one for a Director: its targets are signed by
// an online service.
func (p *Policy) Director() bool { return p.doc.Roles.Targets.Custody == Online }

// gone is the first key of a server that root takes from one of those roles, and a
// stolen one before others; empty for none. A token that is lost says nothing of the
// other tokens.
func (e *exam) gone() (name string, stolen bool) {
	for _, role := range e.policy.Together() {
		for _, k := range keysOf(e.Previous.Root, role) {
			if e.Stolen[k.Fingerprint] {
				return e.nameOf(k), true
			}
			if onServer := e.Keys[k.Fingerprint].Token == ""; name == "" && onServer && !hasKey(e.Next.Root, role, k) {
				name = e.nameOf(k)
			}
		}
	}
	return name, false
}

// kept are the keys that a role had and keeps.
func (e *exam) kept(role string) (names []string) {
	for _, k := range keysOf(e.Previous.Root, role) {
		if hasKey(e.Next.Root, role, k) {
			names = append(names, e.nameOf(k))
		}
	}
	return names
}

// nameOf is the name of a key in trust.yaml, or the beginning of its id.
func (e *exam) nameOf(k roles.Key) string {
	if name := e.Keys[k.Fingerprint].Name; name != "" {
		return name
	}
	return short(k.ID)
}

func hasKey(root *roles.Root, role string, k roles.Key) bool {
	return slices.ContainsFunc(keysOf(root, role), func(other roles.Key) bool { return other.Fingerprint == k.Fingerprint })
}
