package policies

import (
	"slices"
	"strings"
	"testing"
)

// wrong is one field that is wrong, and the one check that has to find it.
type wrong struct {
	id       string
	severity Severity
	name     string
	policy   string // see policyOf
	change   func(t *testing.T, f *fixture)
}

// waiverCases are of waivers.
var waiverCases = []wrong{
	{"WAIVERS", Error, "for no check", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-TRESHOLD", "typo", "Ada"}} }},
	{"WAIVERS", Error, "without a reason", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-THRESHOLD", "", "Ada"}} }},
	{"WAIVERS", Error, "without a person", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-THRESHOLD", "hurry", " "}} }},
	{"WAIVERS", Error, "that cannot be", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"KEYS-DISTINCT", "hurry", "Ada"}} }},
	{"WAIVERS-NEEDED", Warning, "nothing is found", "", func(t *testing.T, f *fixture) { f.Waivers = []Waiver{{"ROOT-KEYS", "second site", "Ada"}} }},
}

// cases are all of them.
var cases = slices.Concat(keyCases, ceremonyCases, fileCases, delegationCases, imageCases, waiverCases)

// policyOf returns uptane-image, the preset of a name, or uptane-image with
// limits of roles of one's own.
func policyOf(t *testing.T, policy string) *Policy {
	switch {
	case policy == "":
		return mustPreset(t, "uptane-image")
	case strings.Contains(policy, ":"):
		return mustNew(t, "version: 1\nextends: uptane-image\nroles:\n  "+policy)
	}
	return mustPreset(t, policy)
}

// TestOneFieldWrong shows for every check that exactly it finds the one field
// that is wrong, and nothing else does.
func TestOneFieldWrong(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range cases {
		tried[c.id] = true
		t.Run(c.id+"/"+c.name, func(t *testing.T) {
			f := newFixture(t)
			c.change(t, f)
			found := 0
			for _, got := range policyOf(t, c.policy).Check(f.Subject).Findings {
				switch {
				case got.Waived != nil && got.Waived.Person == bystander:
				case got.ID != c.id:
					t.Errorf("also found: %s", got)
				case got.Severity != c.severity:
					t.Errorf("severity is %s, want %s: %s", got.Severity, c.severity, got)
				default:
					found++
				}
			}
			if found == 0 {
				t.Error("not found")
			}
		})
	}
	for _, c := range Checks() {
		if !tried[c.ID] {
			t.Errorf("%s: no case shows that it finds anything", c.ID)
		}
	}
}
