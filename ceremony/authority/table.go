package authority

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
)

// Table has one row for each role: who signs before, who signs after, and what that
// changes.
func (c *Change) Table() *page.Table {
	table := &page.Table{Columns: []page.Column{{Head: "Role", Width: 28}, {Head: "Before", Width: 54}, {Head: "After", Width: 54}, {Head: "Changes", Width: 34}}}
	for _, p := range c.pairs() {
		table.Rows = append(table.Rows, []string{p.name, c.signers(p.old), c.signers(p.new), changes(c.names(p.old), c.names(p.new), p)})
	}
	return table
}

func (c *Change) signers(r *Role) string {
	if r == nil {
		return "none"
	}
	var list []string
	for _, name := range c.names(r) {
		if who := c.Custodians[name]; who != "" {
			name += " (" + who + ")"
		}
		list = append(list, name)
	}
	return fmt.Sprintf("%d of %d: %s", r.Threshold, len(r.Keys), words.List(list))
}

func changes(old, new []string, p pair) string {
	var parts []string
	for _, name := range new {
		if !slices.Contains(old, name) {
			parts = append(parts, "+ "+name)
		}
	}
	for _, name := range old {
		if !slices.Contains(new, name) {
			parts = append(parts, "− "+name)
		}
	}
	if p.old != nil && p.new != nil && p.old.Threshold != p.new.Threshold {
		parts = append(parts, fmt.Sprintf("threshold %d → %d", p.old.Threshold, p.new.Threshold))
	}
	return cmp.Or(strings.Join(parts, ", "), "unchanged")
}
