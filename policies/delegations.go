package policies

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/uptane/keyrite/roles"
)

var delegationDepth = check{CheckInfo{
	ID:       "DELEGATION-DEPTH",
	Severity: Error,
	Title:    "delegations are not deeper than the policy and clients allow; a Director has none",
	Hint:     "delegate from a higher role; a Director lists all images itself",
	Sources:  []string{"UPT-027", "UPT-055", "DBP-029", "DBP-048", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	if e.beyond != nil {
		e.report(*e.beyond, "more than anybody looks at", fmt.Sprintf("at most %d delegations on %d levels", roles.MaxDelegations, roles.MaxLevels))
	}
	limit := e.policy.doc.Delegations.Depth
	for _, t := range e.delegated() {
		if limit != nil && t.depth > *limit {
			e.report(place{t.Name, t.path}, fmt.Sprintf("at level %d below targets", t.depth), fmt.Sprintf("at most %d", *limit))
		}
	}
}}

var delegationNames = check{CheckInfo{
	ID:       "DELEGATION-NAMES",
	Severity: Error,
	Title:    "no two delegated roles of a repository have one name",
	Hint:     "rename one of the roles: their files would overwrite each other",
	Sources:  []string{"TUF-021"},
	Waivable: true,
}, func(e *exam) {
	first := map[string]*trusted{}
	for _, t := range e.delegated() {
		name := strings.ToLower(t.Name)
		if other := first[name]; other != nil {
			e.report(t.at("role"), fmt.Sprintf("%q, as at %s", t.Name, other.path), "a name of its own, also without regard to case")
			continue
		}
		first[name] = t
	}
}}

var (
	fileName    = regexp.MustCompile(`^[^./\\%\x00-\x1f\x7f][^/\\%\x00-\x1f\x7f]*$`)
	advisedName = regexp.MustCompile(`^[a-z0-9._-]*[a-z_-][a-z0-9._-]*$`)
)

var delegationNameForm = check{CheckInfo{
	ID:       "DELEGATION-NAME-FORM",
	Severity: Error,
	Title:    "names of delegated roles make file names that all clients take",
	Hint:     "use lower-case letters, digits, `-`, `_` and `.`, and not digits alone; tuf-js puts numbers in an order of its own",
	Sources:  []string{"TUF-021", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	for _, t := range e.delegated() {
		switch {
		case !fileName.MatchString(t.Name):
			e.report(t.at("role"), fmt.Sprintf("%q", t.Name), "a name without a leading dot, slashes, % and control characters")
		case !advisedName.MatchString(t.Name):
			e.advise(t.at("role"), fmt.Sprintf("%q", t.Name), "lower-case letters, digits, - and _, and not digits alone, as advised")
		}
	}
}}

var delegationTerminating = check{CheckInfo{
	ID:       "DELEGATION-TERMINATING",
	Severity: Warning,
	Title:    "no delegation is terminating",
	Hint:     "set terminating to false, unless there is a compelling reason: clients differ in where the search then ends",
	Sources:  []string{"UPT-023"},
	Waivable: true,
}, func(e *exam) {
	for _, t := range e.delegated() {
		if t.delegation.Terminating && t.delegation.HashPrefixes == nil {
			e.report(t.at("terminating"), "true", "false")
		}
	}
}}

var delegationHashes = check{CheckInfo{
	ID:       "DELEGATION-HASHES",
	Severity: Error,
	Title:    "delegations go by paths, not by prefixes of hashes",
	Hint:     "use paths: go-tuf up to v2.4.2 reads hash prefixes wrongly, and aktualizr not at all",
	Sources:  []string{"TUF-024", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	for _, t := range e.delegated() {
		switch {
		case t.delegation.HashPrefixes == nil:
		case e.Format == roles.OTACE:
			e.report(t.at("paths"), "a list of hash prefixes", "paths in format ota-ce")
		case t.bin > 0:
			e.advise(t.at("succinct_roles"), "a set of hash bins (TAP 15), which go-tuf v0.7, rust-tuf and tough do not read", "paths, as advised")
		default:
			e.advise(t.at("paths"), "a list of hash prefixes", "paths, as advised")
		}
	}
}}

var delegationFile = check{CheckInfo{
	ID:       "DELEGATION-FILE",
	Severity: Warning,
	Title:    "every delegated role has signed its file",
	Hint:     "ask the supplier for the file and upload it together with the delegation: a search ends at a missing file",
	Sources:  []string{"UPT-026", "DBP-027"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("delegated")
	for _, t := range e.trusted {
		if t.kind == "delegated" && e.Next.Delegated[t.Name] == nil {
			e.report(place{t.Name, t.path}, "without a signed file", "one")
		}
	}
}}

// delegated returns the delegated roles at every depth, and notes when they are
// not known.
func (e *exam) delegated() []*trusted {
	e.needRoles("delegated")
	return e.of("delegated")
}
