package runbook

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/uptane/keyrite/ceremony/plan"
)

// Parts that every ceremony has, by the short names that stand at the steps.
const (
	administrator   = "ADM"
	internalWitness = "IW"
	externalWitness = "EW"
	everybody       = "ALL"
)

// parts are the custodians of a ceremony: posts or people, as trust.yaml calls
// them, with a short name each.
type parts struct {
	names []string          // in the order of the steps
	short map[string]string // by name
}

// cast finds who acts in the steps.
func (s *script) cast() *parts {
	p := &parts{short: map[string]string{}}
	for _, step := range s.Plan.Steps {
		if step.Key != "" && !s.away(step) {
			p.add(s.custodian(step.Key))
		}
	}
	return p
}

// away says whether another site does a step: this is the paper of one room.
func (s *script) away(step plan.Step) bool { return step.Site != "" && step.Site != s.site.Name }

// custodian is who holds the token of a key.
func (s *script) custodian(key string) string { return s.Scene.Repo.Custodian(key) }

func (p *parts) add(name string) {
	if slices.Contains(p.names, name) {
		return
	}
	taken := []string{administrator, internalWitness, externalWitness, everybody}
	for _, other := range p.short {
		taken = append(taken, other)
	}
	short := initials(name)
	for n := 2; slices.Contains(taken, short); n++ {
		short = fmt.Sprintf("%s%d", initials(name), n)
	}
	p.names, p.short[name] = append(p.names, name), short
}

// initials are the first letters of a name's words, and its numbers: CO1.
func initials(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(name) {
		switch r := []rune(word); {
		case unicode.IsDigit(r[0]):
			b.WriteString(word)
		case unicode.IsLetter(r[0]):
			b.WriteRune(unicode.ToUpper(r[0]))
		}
		if b.Len() >= 5 {
			break
		}
	}
	if b.Len() == 0 {
		return "C"
	}
	return b.String()
}

// actor is the short name of who holds the token of a key.
func (s *script) actor(key string) string { return s.parts.short[s.custodian(key)] }

// duties are the steps of a custodian.
func (s *script) duties(name string) string {
	var list []string
	for _, step := range s.Plan.Steps {
		if step.Key != "" && !s.away(step) && s.custodian(step.Key) == name {
			list = append(list, fmt.Sprint(step.Step))
		}
	}
	if len(list) == 1 {
		return "step " + list[0]
	}
	return "steps " + strings.Join(list, ", ")
}

// tokensOf are the tokens that the steps use, in the order of their first use.
func (s *script) tokensOf() []string {
	var list []string
	add := func(name string) {
		if name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, step := range s.Plan.Steps {
		if step.Do == plan.Review {
			for _, name := range s.vouchers() {
				add(name)
			}
		}
		if step.Key != "" {
			add(s.site.Keys[step.Key])
		}
	}
	return list
}
