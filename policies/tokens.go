package policies

import (
	"fmt"
	"maps"
	"slices"
)

var tokenQuorum = check{CheckInfo{
	ID:       "TOKEN-QUORUM",
	Severity: Error,
	Title:    "no single token holds enough keys to meet a threshold of several",
	Hint:     "put the keys on different tokens, with different people",
	Sources:  []string{"DBP-004", "DBP-011"},
	Needs:    "key records",
	Waivable: true,
}, func(e *exam) {
	e.quorumOfOne(func(k KeyFacts) string { return k.Token }, "on one token")
}}

// quorumOfOne reports roles of several signatures for which one holder of keys
// suffices. An empty holder is one that is not known.
func (e *exam) quorumOfOne(holder func(KeyFacts) string, where string) {
	e.needRoles("root")
	for _, t := range e.declared {
		keysOf := map[string]int{}
		for _, k := range t.keys {
			name := holder(e.Keys[k.Fingerprint])
			if name == "" && t.Threshold > 1 {
				e.lacks()
			}
			keysOf[name]++
		}
		for _, name := range slices.Sorted(maps.Keys(keysOf)) {
			if name != "" && t.Threshold > 1 && keysOf[name] >= t.Threshold {
				e.report(t.at("keys"), fmt.Sprintf("%d keys %s, %s", keysOf[name], where, name), fmt.Sprintf("fewer than the threshold of %d", t.Threshold))
			}
		}
	}
}

var tokenApart = check{CheckInfo{
	ID:       "TOKEN-APART",
	Severity: Warning,
	Title:    "keys of offline roles are not on tokens that also hold keys of other roles",
	Hint:     "keep them on tokens of their own, so that a machine that signs every day never has them plugged in",
	Sources:  []string{"DBP-004", "TUF-001"},
	Needs:    "key records",
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	elsewhere := map[string]string{} // token: a role that is not offline
	for _, k := range e.keys() {
		if !k.known {
			e.lacks()
		}
		for _, t := range k.roles {
			if e.policy.doc.Roles.of(t.kind).Custody != Offline {
				elsewhere[k.facts.Token] = t.Name
			}
		}
	}
	for _, k := range e.keys() {
		other := elsewhere[k.facts.Token]
		if t := k.roles[0]; !k.shared() && k.facts.Token != "" && other != "" && e.policy.doc.Roles.of(t.kind).Custody == Offline {
			e.report(k.at, "on a token with a key of "+other, "a token for offline roles only")
		}
	}
}}
