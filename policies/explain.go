package policies

import (
	"fmt"
	"strings"
)

// Explain describes a check in full: what holds when it passes, what to do
// about a finding, whether it can be waived, and the clauses it stands for.
func Explain(id string) (string, error) {
	c := checkByID(id)
	if c == nil {
		return "", fmt.Errorf("check is %q, want one of those that `keyrite policy show` lists", id)
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
