package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
)

var patternForm = check{CheckInfo{
	ID:       "PATTERN-FORM",
	Severity: Error,
	Title:    "path patterns are of a form that all clients read alike",
	Hint:     "write exact paths, or a prefix with one * at the end, such as acme-brakes/*",
	Sources:  []string{"TUF-020", "UPT-017", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	for _, p := range e.patterns() {
		switch {
		case strings.ContainsAny(p.text, `{}\`):
			e.report(p.at(), fmt.Sprintf("%q", p.text), `a pattern without { } and \`)
		case strings.HasPrefix(p.text, "/") || !printableASCII(p.text):
			e.report(p.at(), fmt.Sprintf("%q", p.text), "a relative path in printable ASCII")
		case strings.ContainsAny(p.text, "?[]") || strings.Contains(p.text, "**"):
			e.weigh(p.role.statedBy(), p.at(), fmt.Sprintf("%q", p.text), "a pattern without ? [ ] and **")
		case strings.Contains(strings.TrimSuffix(p.text, "*"), "*"):
			e.advise(p.at(), fmt.Sprintf("%q", p.text), "one * at the end, as advised")
		}
	}
}}

var patternWide = check{CheckInfo{
	ID:       "PATTERN-WIDE",
	Severity: Error,
	Title:    "no delegation speaks for all paths",
	Hint:     "begin the pattern with the supplier's name",
	Sources:  []string{"DBP-026"},
	Waivable: true,
}, func(e *exam) {
	for _, p := range e.patterns() {
		if p.literal == "" {
			e.report(p.at(), fmt.Sprintf("%q", p.text), "a pattern that begins with a name")
		}
	}
}}

var patternPrefix = check{CheckInfo{
	ID:       "PATTERN-PREFIX",
	Severity: Warning,
	Title:    "a delegation's paths begin with the role's name",
	Hint:     "name the role after the supplier, and let its paths begin with that name: then no two suppliers meet",
	Sources:  []string{"DBP-026", "DBP-025"},
	Waivable: true,
}, func(e *exam) {
	for _, p := range e.patterns() {
		if p.literal != "" && p.role.depth == 1 && !strings.HasPrefix(p.literal, p.role.Name) {
			e.report(p.at(), fmt.Sprintf("%q", p.text), fmt.Sprintf("a pattern that begins with %q", p.role.Name))
		}
	}
}}

var patternOverlap = check{CheckInfo{
	ID:       "PATTERN-OVERLAP",
	Severity: Error,
	Title:    "no path belongs to two delegations of one file, least of all behind a terminating one",
	Hint:     "give each supplier a prefix of its own: clients differ in whom they ask",
	Sources:  []string{"UPT-024", "DBP-026"},
	Waivable: true,
}, func(e *exam) {
	sorted := slices.Clone(e.patterns())
	slices.SortStableFunc(sorted, func(a, b pattern) int { return strings.Compare(a.literal, b.literal) })
	said, work := map[[2]*trusted]bool{}, 0
	for i, a := range sorted {
		for _, b := range sorted[i+1:] {
			if !strings.HasPrefix(b.literal, a.literal) {
				break
			}
			if work++; work > maxComparisons {
				e.lacks()
				return
			}
			first, second := a, b
			if b.role.order < a.role.order {
				first, second = b, a
			}
			pair := [2]*trusted{first.role, second.role}
			if a.role == b.role || a.role.parent != b.role.parent || said[pair] || !a.meets(b, e.Format) {
				continue
			}
			said[pair] = true
			e.overlap(first, second)
		}
	}
}}

// maxComparisons bounds the pairs of patterns that are compared: a hostile file
// may have a million patterns.
const maxComparisons = 1 << 20

func (e *exam) overlap(first, second pattern) {
	got := fmt.Sprintf("%q, which meets %q of role %s before it", second.text, first.text, first.role.Name)
	if first.role.delegation.Terminating {
		e.report(second.at(), got, "paths that no terminating delegation takes away")
		return
	}
	e.advise(second.at(), got, "paths of its own")
}

var patternChain = check{CheckInfo{
	ID:       "PATTERN-CHAIN",
	Severity: Error,
	Title:    "a role delegates only paths that it may speak for itself",
	Hint:     "narrow the pattern to what the delegating role was given: clients never come here for other paths",
	Sources:  []string{"TUF-019", "DBP-029"},
	Waivable: true,
}, func(e *exam) {
	work := 0
	for _, p := range e.patterns() {
		above := p.role.parent
		if above == nil || above.delegation == nil || above.delegation.Paths == nil {
			continue
		}
		if work += len(above.delegation.Paths); work > maxComparisons {
			e.lacks()
			return
		}
		inside := func(text string) bool { return newPattern(above, 0, text).contains(p, e.Format) }
		if !slices.ContainsFunc(above.delegation.Paths, inside) {
			e.report(p.at(), fmt.Sprintf("%q", p.text), "a pattern within those of "+above.Name)
		}
	}
}}

// pattern is one path pattern of a delegation.
type pattern struct {
	role    *trusted
	index   int
	text    string
	literal string // what stands before the first wildcard
	exact   bool   // there is no wildcard
}

func newPattern(t *trusted, index int, text string) pattern {
	end := strings.IndexAny(text, `*?[`)
	if end < 0 {
		return pattern{t, index, text, text, true}
	}
	return pattern{t, index, text, text[:end], false}
}

func (p pattern) at() place { return p.role.at(fmt.Sprintf("paths[%d]", p.index)) }

// meets says whether some path may match both patterns; the literal of p is a
// prefix of that of q. It does not look behind the first wildcard.
func (p pattern) meets(q pattern, f roles.Format) bool {
	if p.exact {
		return p.literal == q.literal
	}
	return f == roles.OTACE || !strings.Contains(q.literal[len(p.literal):], "/")
}

// contains says whether every path that matches q matches p.
func (p pattern) contains(q pattern, f roles.Format) bool {
	if p.exact || p.text == q.text {
		return p.text == q.text
	}
	return strings.HasPrefix(q.literal, p.literal) && p.text == p.literal+"*" &&
		(f == roles.OTACE || !strings.Contains(q.text[len(p.literal):], "/"))
}

// patterns returns the patterns of all delegations.
func (e *exam) patterns() []pattern {
	var all []pattern
	for _, t := range e.delegated() {
		for i, text := range t.delegation.Paths {
			all = append(all, newPattern(t, i, text))
		}
	}
	return all
}

func printableASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
