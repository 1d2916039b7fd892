package policies

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Line is one line of a policy in force.
type Line struct {
	Field    string   `json:"field"` // as in a policy file
	Value    string   `json:"value"` // "" for no limit
	Check    string   `json:"check"` // id of the check that enforces it
	Sources  []string `json:"sources"`
	Origin   string   `json:"origin,omitempty"` // the policy that set it
	Loosened *Waiver  `json:"loosened,omitempty"`

	strict int64
}

// wanted is the value before a change, in words.
func (l Line) wanted() string {
	if l.Value == "" {
		return "the severity of the check, or stricter"
	}
	return l.Value + " or stricter"
}

// Effective is a policy in full: each limit with its source, and each check
// with the severity that it has in this policy.
type Effective struct {
	Policy  string      `json:"policy"`
	Lines   []Line      `json:"lines"`
	Checks  []CheckInfo `json:"checks"`
	Clauses []Clause    `json:"clauses"` // what the sources of lines and checks say, and where
}

// Show returns the policy in full, as text by its method String, and for JSON.
func (p *Policy) Show() Effective {
	e := Effective{Policy: p.name, Checks: Checks(), Clauses: slices.Clone(clauses)}
	for _, l := range p.lines {
		if l.Value != "" {
			l.Sources = checkByID(l.Check).Sources
			e.Lines = append(e.Lines, l)
		}
	}
	for i := range checks {
		e.Checks[i].Severity = p.severity(&checks[i])
	}
	return e
}

// String is a table for people: limits first, then checks.
func (e Effective) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "policy %s\n\nLIMIT\tVALUE\tCHECK\tSOURCE\n", e.Policy)
	for _, l := range e.Lines {
		source := citation(l.Sources[0])
		if l.Loosened != nil {
			source += fmt.Sprintf("; loosened by %s: %s", l.Loosened.Person, l.Loosened.Reason)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Field, l.Value, l.Check, source)
	}
	fmt.Fprintf(w, "\nCHECK\tSEVERITY\tHOLDS\tSOURCE\n")
	for _, c := range e.Checks {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.ID, c.Severity, c.Title, strings.Join(c.Sources, ", "))
	}
	fmt.Fprintf(w, "\nSOURCE\tLEVEL\tWHERE\n")
	for _, c := range e.Clauses {
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.ID, c.Level, c.Where)
	}
	w.Flush()
	return b.String()
}
