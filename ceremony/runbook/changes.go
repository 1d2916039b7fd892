package runbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// changes is R5: what everybody has read before.
func (s *script) changes() page.Section {
	files := &page.Table{Columns: []page.Column{{Head: "File", Width: 36}, {Head: "Why", Width: 30}, {Head: "Expires", Width: 38}, {Head: "Signed by", Width: 66}}}
	for _, f := range s.Plan.Files {
		files.Rows = append(files.Rows, []string{fmt.Sprintf("%s %d", f.Role, f.Version), string(f.Why), utc(f.Expires), s.signersOf(f.Role)})
	}
	section := page.Section{Mark: "R5", Title: "What changes", Blocks: []page.Block{files, s.changeTable()}}
	for _, e := range s.Plan.Elsewhere {
		section.Blocks = append(section.Blocks, &page.Text{Text: e.String(), Strong: true})
	}
	for _, n := range s.Plan.Notices {
		section.Blocks = append(section.Blocks, &page.Text{Text: "Vehicles: " + n.String() + "."})
	}
	for _, supplier := range s.Plan.Suppliers {
		section.Blocks = append(section.Blocks, &page.Text{Text: supplier.String(), Strong: true})
	}
	for _, due := range s.Plan.Server {
		section.Blocks = append(section.Blocks, &page.Text{Text: "Afterwards " + due.String() + ".", Strong: true})
	}
	section.Blocks = append(section.Blocks, s.findings()...)
	officers := page.Signatures{}
	for _, name := range s.parts.names {
		officers = append(officers, "I have read this: "+name)
	}
	return withBlocks(section, &page.Text{Text: "Questions raised, and their answers:"}, page.Ruled(3), officers)
}

func withBlocks(s page.Section, blocks ...page.Block) page.Section {
	s.Blocks = append(s.Blocks, blocks...)
	return s
}

// signersOf are the keys that sign a role's file, and what for.
func (s *script) signersOf(role string) string {
	var parts []string
	for _, step := range s.Plan.Signing(role) {
		parts = append(parts, fmt.Sprintf("step %d %s, for %s", step.Step, step.Key, strings.Join(step.CountsFor, " and ")))
	}
	return strings.Join(parts, "; ")
}

// maxChanges is how many changes are printed; the rest lies beside the plan, which
// pins its hash.
const maxChanges = 60

func (s *script) changeTable() page.Block {
	if len(s.Changes) == 0 {
		return &page.Text{Text: "Nothing changes but versions and expiry."}
	}
	table := &page.Table{Columns: []page.Column{{Head: "Role", Width: 30}, {Head: "Change", Width: 140}}}
	for _, c := range s.Changes[:min(maxChanges, len(s.Changes))] {
		table.Rows = append(table.Rows, []string{c.Role, c.Short()})
	}
	if more := len(s.Changes) - maxChanges; more > 0 {
		table.Rows = append(table.Rows, []string{"…", fmt.Sprintf("and %s more, all of them in changes.jsonl, SHA-256 %s", words.Count(more, "change"), s.Plan.Changes.SHA256)})
	}
	return table
}

func (s *script) findings() []page.Block {
	if len(s.Plan.Findings) == 0 {
		return []page.Block{&page.Text{Text: "The policy has no finding, and nothing is waived."}}
	}
	table := &page.Table{Columns: []page.Column{{Head: "Check", Width: 38}, {Head: "Severity", Width: 18}, {Head: "Finding", Width: 66}, {Head: "Waived by, because", Width: 48}}}
	for _, f := range s.Plan.Findings {
		waived := "not waived"
		if f.WaivedBy != "" {
			waived = f.WaivedBy + ": " + f.Because
		}
		table.Rows = append(table.Rows, []string{f.Check, f.Severity, f.Message, waived})
	}
	return []page.Block{table}
}

// readiness is the other half of R5: the latest date by which failure hurts, and
// what is opened before the day.
func (s *script) readiness() page.Section {
	expiring := &page.Table{Columns: []page.Column{{Head: "Signed now", Width: 60}, {Head: "Expires", Width: 60}, {Head: "After the plan was made", Width: 50}}}
	for _, role := range slices.Sorted(maps.Keys(s.expiring())) {
		head := roles.HeadOf(s.Scene.Signed.Body(role))
		expiring.Rows = append(expiring.Rows, []string{fmt.Sprintf("%s %d", role, head.Version), utc(head.Expires), words.Between(s.Plan.Created, head.Expires)})
	}
	section := page.Section{Title: "Readiness", Flows: true}
	if len(expiring.Rows) == 0 {
		section.Blocks = append(section.Blocks, &page.Text{Text: "Nothing is signed yet: no date by which failure hurts."})
	} else {
		section.Blocks = append(section.Blocks, &page.Text{Text: "Failure hurts from the first of these dates on:"}, expiring)
	}
	return withBlocks(section, &page.Table{Columns: []page.Column{{Head: "Readiness", Width: 80}, {Head: "UTC", Width: 34}, {Head: "By", Width: 36}, {Head: "Initials", Width: 20}}, Rows: [][]string{
		{"safe, bags and tokens tried 14 days before", "", "", ""}, {"safe, bags and tokens tried 1 day before", "", "", ""}, {"fallback: site and day", "", "", ""}}})
}

// expiring are the roles of this plan that are signed now.
func (s *script) expiring() map[string]bool {
	roles := map[string]bool{}
	for _, role := range s.Scene.Repo.Order() {
		if s.Scene.Signed.Body(role) != nil {
			roles[role] = true
		}
	}
	return roles
}
