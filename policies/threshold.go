package policies

import (
	"fmt"
	"strings"
)

// thresholdSources are the clauses on the number of keys and signatures.
var thresholdSources = map[string][]string{
	"root":      {"DBP-007", "TUF-001", "TUF-011", "DBP-011"},
	"targets":   {"DBP-008", "DBP-011", "DBP-001", "TUF-011"},
	"snapshot":  {"DBP-009", "DBP-001", "TUF-011"},
	"timestamp": {"DBP-009", "DBP-001", "TUF-011"},
	"delegated": {"DBP-010", "DBP-011", "DBP-029", "TUF-011"},
}

// thresholdChecks hold the numbers of keys and of signatures of each kind of
// role to the policy.
func thresholdChecks() []check {
	var all []check
	for _, kind := range roleNames {
		all = append(all, check{CheckInfo{
			ID:       strings.ToUpper(kind) + "-THRESHOLD",
			Severity: Error,
			Title:    "as many signatures as the policy wants are needed for " + roleWords[kind],
			Hint:     "raise the threshold, and add keys of further people if there are too few",
			Sources:  thresholdSources[kind],
			Waivable: true,
		}, func(e *exam) { checkThresholds(e, kind) }}, check{CheckInfo{
			ID:       strings.ToUpper(kind) + "-KEYS",
			Severity: Error,
			Title:    "there are as many different keys as the policy wants for " + roleWords[kind],
			Hint:     "add keys of further people to the role",
			Sources:  thresholdSources[kind],
			Waivable: true,
		}, func(e *exam) { checkKeyCounts(e, kind) }})
	}
	return all
}

func checkThresholds(e *exam, kind string) {
	limit := e.policy.doc.Roles.of(kind).Threshold
	e.needRoles(kind)
	for _, t := range e.of(kind) {
		e.atLeast(t.at("threshold"), t.Threshold, limit)
	}
}

func checkKeyCounts(e *exam, kind string) {
	limit := e.policy.doc.Roles.of(kind).Keys
	e.needRoles(kind)
	for _, t := range e.of(kind) {
		e.atLeast(t.at("keys"), t.distinct(), limit)
	}
}

// atLeast compares a number with a lower limit.
func (e *exam) atLeast(p place, got int, limit AtLeast) {
	switch {
	case got < limit.Min:
		e.report(p, fmt.Sprint(got), fmt.Sprintf("at least %d", limit.Min))
	case got < limit.Advised:
		e.advise(p, fmt.Sprint(got), fmt.Sprintf("at least %d, as advised", limit.Advised))
	}
}

// needRoles notes that the file which names the keys of a role is not there.
func (e *exam) needRoles(kind string) {
	if kind != "delegated" && e.Next.Root == nil || kind == "delegated" && e.Next.Targets == nil {
		e.lacks()
	}
}

var thresholdReachable = check{CheckInfo{
	ID:       "THRESHOLD-REACHABLE",
	Severity: Error,
	Title:    "each role has as many different, usable public keys as its threshold asks for",
	Hint:     "add keys or lower the threshold: nothing could ever be signed for the role",
	Sources:  []string{"UPT-002", "TUF-011"},
}, func(e *exam) {
	e.needRoles("root")
	for _, t := range e.declared {
		if n := t.distinct(); t.Threshold < 1 || t.Threshold > n {
			e.report(t.at("threshold"), fmt.Sprint(t.Threshold), fmt.Sprintf("1 to %d, the number of different keys", n))
		}
	}
}}

var keyReserve = check{CheckInfo{
	ID:       "KEY-RESERVE",
	Severity: Warning,
	Title:    "a role of several signatures has a key in reserve",
	Hint:     "add a key: after the loss of one the role could never be signed again",
	Sources:  []string{"DBP-010", "DBP-007"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, t := range e.declared {
		if n := t.distinct(); t.Threshold > 1 && n == t.Threshold {
			e.report(t.at("keys"), fmt.Sprint(n), fmt.Sprintf("at least %d for a threshold of %d", n+1, t.Threshold))
		}
	}
}}
