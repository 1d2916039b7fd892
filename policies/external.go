package policies

import (
	"cmp"
	"slices"
)

// keyExternal finds keys that no token holds and whose signatures people carry: how
// a takeover begins, and no state to stay in.
var keyExternal = check{CheckInfo{
	ID:       "KEY-EXTERNAL",
	Severity: Warning,
	Title:    "no key lives in a file, a KMS or on a server, its signatures brought in by hand",
	Hint:     "replace it in trust.yaml by a key on a token; when no role lists it any more, remove its line",
	Sources:  []string{"DBP-001", "DBP-002", "PKCS11"},
	Needs:    "trust.yaml",
	Waivable: true,
}, func(e *exam) {
	if e.Keys == nil {
		e.lacks()
		return
	}
	var external []KeyFacts
	for _, facts := range e.Keys {
		if facts.External {
			external = append(external, facts)
		}
	}
	slices.SortFunc(external, func(a, b KeyFacts) int { return cmp.Compare(a.Name, b.Name) })
	for _, facts := range external {
		e.report(place{"", "repositories." + e.Repository + ".keys." + facts.Name}, "external", "a key on a token")
	}
}}
