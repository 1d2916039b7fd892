package policies

import (
	"fmt"
	"slices"
	"strings"
)

// Finding is one thing that a policy does not like.
type Finding struct {
	ID         string   `json:"id"`
	Severity   Severity `json:"severity"`
	Sources    []string `json:"sources"` // ids of clauses
	Repository string   `json:"repository"`
	Role       string   `json:"role,omitempty"`
	Field      string   `json:"field"` // path as in trust.yaml
	Got        string   `json:"got"`
	Want       string   `json:"want"`
	Message    string   `json:"message"` // FIELD is GOT, want WANT
	Hint       string   `json:"hint,omitempty"`
	Waived     *Waiver  `json:"waived,omitempty"`
}

// String is the finding in one line.
func (f Finding) String() string {
	line := fmt.Sprintf("%s %s: %s (%s)", f.ID, f.Severity, f.Message, strings.Join(f.Sources, ", "))
	if f.Waived != nil {
		line += fmt.Sprintf("; waived by %s: %s", f.Waived.Person, f.Waived.Reason)
	}
	return line
}

// refuses says whether the finding stops a ceremony.
func (f Finding) refuses() bool { return f.Severity == Error && f.Waived == nil }

// Result is what came of checking a subject.
type Result struct {
	Policy   string    `json:"policy"`
	Findings []Finding `json:"findings"` // in the order of Checks
	Passed   []string  `json:"passed"`   // ids of checks that found nothing
	Unknown  []string  `json:"unknown"`  // ids of checks that lacked facts, and found nothing in those they had
}

// Refusing are the findings that stop a ceremony.
func (r Result) Refusing() []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return !f.refuses() })
}

// Refused is nil when no error stands; otherwise it lists the errors, one a
// line.
func (r Result) Refused() error {
	var lines []string
	for _, f := range r.Refusing() {
		lines = append(lines, f.String())
	}
	if lines == nil {
		return nil
	}
	return fmt.Errorf("refused by policy %s:\n%s", r.Policy, strings.Join(lines, "\n"))
}
