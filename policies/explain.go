package policies

import (
	"fmt"
	"slices"
	"strings"
)

// Explain describes a check in full: what holds when it passes, what to do
// about a finding, whether it can be waived, and the clauses it stands for. Of a
// clause it says what it asks, where it stands, and which checks hold it.
func Explain(id string) (string, error) {
	c := checkByID(id)
	if clause, ok := clauseByID(id); c == nil && ok {
		return clause.explain(), nil
	}
	if c == nil {
		return "", fmt.Errorf("%q is neither a check nor a clause; want one of those that `keyrite policy show` lists", id)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n\n%s.\n\nTo repair it: %s.\n", c.ID, c.Severity, c.Title, c.Hint)
	if c.Needs != "" {
		fmt.Fprintf(&b, "It can be judged only where these are known: %s.\n", c.Needs)
	}
	if c.Waivable {
		fmt.Fprintf(&b, "It can be waived, by name and with a reason.\n")
	} else {
		fmt.Fprintf(&b, "It cannot be waived.\n")
	}
	fmt.Fprintf(&b, "\nIt stands for:\n")
	for _, source := range c.Sources {
		clause, _ := clauseByID(source)
		fmt.Fprintf(&b, "  %s  %s\n", clause.ID, strings.TrimSpace(clause.Level+" "+clause.Text))
		fmt.Fprintf(&b, "  %s  (%s)\n", strings.Repeat(" ", len(clause.ID)), clause.Where)
	}
	return b.String(), nil
}

func (c Clause) explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n\n%s.\n", c.ID, c.Where, strings.TrimSpace(c.Level+" "+c.Text))
	if reason, left := leftOut[c.ID]; left {
		fmt.Fprintf(&b, "\nNo check holds it: %s.\n", reason)
		return b.String()
	}
	fmt.Fprintf(&b, "\nIt is held by:\n")
	for _, check := range Checks() {
		if slices.Contains(check.Sources, c.ID) {
			fmt.Fprintf(&b, "  %s  %s\n", check.ID, check.Title)
		}
	}
	return b.String()
}

// leftOut are the clauses that land in policies and have no check.
var leftOut = map[string]string{
	"UPT-025": "no wire format has a field for the hardware ids of a delegation; `delegation accept` compares those of the images",
}
