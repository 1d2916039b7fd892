package policies

import (
	"fmt"
	"slices"
	"strings"
)

// Explain describes a check in full: what holds when it passes, what to do
// about a finding, whether it can be waived, and the clauses it stands for. Of a
// clause it says what it asks, where it stands, and which checks hold it.
func Explain(id string) (Explanation, error) {
	c := checkByID(id)
	if clause, ok := clauseByID(id); c == nil && ok {
		return clause.explain(), nil
	}
	if c == nil {
		return Explanation{}, fmt.Errorf("%q is neither a check nor a clause; want one of those that `keyrite policy show` lists", id)
	}
	e := Explanation{Check: &c.CheckInfo}
	for _, source := range c.Sources {
		clause, _ := clauseByID(source)
		e.Clauses = append(e.Clauses, clause)
	}
	return e, nil
}

func (c Clause) explain() Explanation {
	e := Explanation{Clauses: []Clause{c}, LeftOut: leftOut[c.ID]}
	for _, check := range Checks() {
		if slices.Contains(check.Sources, c.ID) {
			e.HeldBy = append(e.HeldBy, check)
		}
	}
	return e
}

// Explanation is a check with the clauses it stands for, or a clause with the checks
// that hold it.
type Explanation struct {
	Check   *CheckInfo  `json:"check,omitempty"`
	Clauses []Clause    `json:"clauses"`
	HeldBy  []CheckInfo `json:"held-by,omitempty"`
	LeftOut string      `json:"left-out,omitempty"` // why no check holds the clause
}

// String says it in full.
func (e Explanation) String() string {
	var b strings.Builder
	if e.Check != nil {
		e.Check.explain(&b, e.Clauses)
		return b.String()
	}
	c := e.Clauses[0]
	fmt.Fprintf(&b, "%s (%s)\n\n%s.\n", c.ID, c.Where, strings.TrimSpace(c.Level+" "+c.Text))
	if e.LeftOut != "" {
		fmt.Fprintf(&b, "\nNo check holds it: %s.\n", e.LeftOut)
		return b.String()
	}
	fmt.Fprintf(&b, "\nIt is held by:\n")
	for _, check := range e.HeldBy {
		fmt.Fprintf(&b, "  %s  %s\n", check.ID, check.Title)
	}
	return b.String()
}

func (c *CheckInfo) explain(b *strings.Builder, clauses []Clause) {
	fmt.Fprintf(b, "%s (%s)\n\n%s.\n\nTo repair it: %s.\n", c.ID, c.Severity, c.Title, c.Hint)
	if c.Needs != "" {
		fmt.Fprintf(b, "It can be judged only where these are known: %s.\n", c.Needs)
	}
	if c.Waivable {
		fmt.Fprintf(b, "It can be waived, by name and with a reason.\n")
	} else {
		fmt.Fprintf(b, "It cannot be waived.\n")
	}
	fmt.Fprintf(b, "\nIt stands for:\n")
	for _, clause := range clauses {
		fmt.Fprintf(b, "  %s  %s\n", clause.ID, strings.TrimSpace(clause.Level+" "+clause.Text))
		fmt.Fprintf(b, "  %s  (%s)\n", strings.Repeat(" ", len(clause.ID)), clause.Where)
	}
}

// leftOut are the clauses that land in policies and have no check.
var leftOut = map[string]string{
	"UPT-025": "no wire format has a field for the hardware ids of a delegation; `delegation accept` compares those of the images",
}
