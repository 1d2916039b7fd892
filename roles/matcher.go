package roles

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Matcher finds which of a file's delegated roles speak for a path. It tries
// the patterns whose literal beginning the path has, and no others, so that
// thousands of suppliers with a folder each cost no more than a few.
type Matcher struct {
	format  Format
	exact   map[string][]int // indexes of roles by patterns without wildcards
	begun   prefixes         // patterns with wildcards
	digests prefixes         // hash prefixes
}

// NewMatcher makes a Matcher of delegated roles in their order of priority.
func NewMatcher(f Format, roles []DelegatedRole) *Matcher {
	m := &Matcher{format: f, exact: map[string][]int{}}
	var begun, digests []rule
	for i := range roles {
		for _, prefix := range roles[i].HashPrefixes {
			digests = append(digests, rule{role: i, literal: prefix})
		}
		if roles[i].HashPrefixes != nil {
			continue
		}
		for _, pattern := range roles[i].Paths {
			if end := strings.IndexAny(pattern, wildcards); end >= 0 {
				begun = append(begun, rule{i, pattern[:end], pattern, literalEnd(pattern)})
			} else {
				m.exact[pattern] = append(m.exact[pattern], i)
			}
		}
	}
	m.begun, m.digests = newPrefixes(begun), newPrefixes(digests)
	return m
}

// Covering returns the indexes of the roles that speak for a path, ascending,
// and how many patterns it had to try.
func (m *Matcher) Covering(path string) (roles []int, tried int) {
	roles = slices.Clone(m.exact[path])
	tried = m.begun.each(path, func(r *rule) {
		if strings.HasSuffix(path, r.end) && m.format.matchPath(r.pattern, path) {
			roles = append(roles, r.role)
		}
	})
	if len(m.digests.rules) > 0 {
		sum := sha256.Sum256([]byte(path))
		tried += m.digests.each(hex.EncodeToString(sum[:]), func(r *rule) { roles = append(roles, r.role) })
	}
	slices.Sort(roles)
	return slices.Compact(roles), tried + 1
}

// rule is one pattern of a role, or one hash prefix.
type rule struct {
	role    int
	literal string // what a path, or its digest, must begin with
	pattern string
	end     string // what a path must end with
}

// prefixes finds the rules whose literals a text begins with.
type prefixes struct {
	rules    []rule // by literal, ascending
	literals []span // the different ones, ascending
}

// span is the rules of one literal.
type span struct {
	text       string
	start, end int
	shorter    int // index of the longest other literal that this one begins with, -1 for none
}

func newPrefixes(rules []rule) prefixes {
	slices.SortStableFunc(rules, func(a, b rule) int { return strings.Compare(a.literal, b.literal) })
	p := prefixes{rules: rules}
	open := -1 // the literal that may be the beginning of the next one
	for i, r := range rules {
		if n := len(p.literals); n > 0 && p.literals[n-1].text == r.literal {
			p.literals[n-1].end = i + 1
			continue
		}
		for open >= 0 && !strings.HasPrefix(r.literal, p.literals[open].text) {
			open = p.literals[open].shorter
		}
		p.literals = append(p.literals, span{r.literal, i, i + 1, open})
		open = len(p.literals) - 1
	}
	return p
}

// each visits the rules whose literal a text begins with, and returns how many
// steps that took. The longest such literal is the last one that does not sort
// behind the text, or one that it begins with; the others are those that this
// begins with.
func (p *prefixes) each(text string, visit func(*rule)) (steps int) {
	at, found := slices.BinarySearchFunc(p.literals, text, func(s span, text string) int { return cmp.Compare(s.text, text) })
	if !found {
		at--
	}
	if at < 0 {
		return 0
	}
	shared := sharedLength(p.literals[at].text, text)
	for ; at >= 0; at = p.literals[at].shorter {
		steps++
		l := p.literals[at]
		if len(l.text) > shared {
			continue
		}
		steps += l.end - l.start
		for i := l.start; i < l.end; i++ {
			visit(&p.rules[i])
		}
	}
	return steps
}

// sharedLength is the length of what two texts begin with alike.
func sharedLength(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
