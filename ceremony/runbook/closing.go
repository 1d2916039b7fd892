package runbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/people"
)

// breakSection is R7.
func breakSection() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Break: do", Width: 92}, {Head: "Before, UTC", Width: 26}, {Head: "After, UTC", Width: 26}, {Head: "Initials", Width: 26}}}
	for _, what := range []string{"B1 stop at a step with Ctrl-C; the screen shows the head", "B2 bag every token, and this paper; numbers into R4 of the next sheet", "B3 all leave; heads counted", "B4 all return; heads counted", "B5 seals whole, numbers equal", "B6 keyrite run: two words of the head are asked for"} {
		table.Rows = append(table.Rows, []string{what, "", "", ""})
	}
	return page.Section{Mark: "R7", Title: "Break, if there is one", Blocks: []page.Block{table,
		&page.Grid{Caption: "Head at the break, written by IW"}, page.Signatures{"internal witness", "external witness"}}}
}

// closing is R8: every token back in a bag, and nothing left open.
func (s *script) closing() (page.Section, error) {
	w := &writer{script: s}
	n := 1
	for _, token := range s.tokensOf() {
		who := w.custodianOf(token)
		w.begin(fmt.Sprintf("C%d", n), "seal token "+token)
		w.act(who, "DO", "Write token, serial number and date on the new bag, show it, then seal.")
		w.signed(internalWitness, "WRITE", "Number of the new bag: ________________  goes to: ________________")
		w.move(s.state.pack(token))
		n++
	}
	w.begin(fmt.Sprintf("C%d", n), "numbers of the new bags")
	w.screen(strings.TrimSpace(people.BagQuestion))
	w.signed(administrator, "DO", "Type each token with the number of its new bag; then Enter.")
	n++
	w.begin(fmt.Sprintf("C%d", n), "head of the transcript")
	w.screen("done: " + s.Plan.Ceremony)
	w.signed(internalWitness, "WRITE", "The 32 words of the head into the grid below, before anything else.")
	w.blocks = append(w.blocks, &page.Grid{Caption: "Head at the end, written by IW"})
	n++
	for _, name := range slices.Sorted(maps.Keys(s.Plan.Witnesses)) {
		w.begin(fmt.Sprintf("C%d", n), "signature of witness "+name)
		w.act(administrator, "DO", fmt.Sprintf("Type: keyrite transcript sign %s --witness %q --token TOKEN", s.Plan.Ceremony, name))
		w.act(everybody, "CHECK", name+" compares the words on the SCREEN with IW's grid, and only then types phrase and PIN.")
		w.signed(externalWitness, "CHECK", "The screen says that "+name+" signed.")
		n++
	}
	for _, c := range []struct{ title, who, do, check string }{
		{"take out", administrator, "Type: keyrite bundle " + s.Plan.Repository + " -o " + s.Plan.Repository + ".tar, then copy it to the stick that takes out.", "SHA-256 of the bundle: ________________________"},
		{"read and check", administrator, "Type: keyrite transcript verify " + s.Plan.Ceremony, "The words are those that IW wrote down: 32 of 32."},
		{"power off", administrator, "Power the machine off; remove sticks.", "Sticks and machine are where they belong."},
		{"papers", internalWitness, "Strike unused sheets. Show every page to the camera.", "How many sheets: ______"},
	} {
		w.begin(fmt.Sprintf("C%d", n), c.title)
		w.act(c.who, "DO", c.do)
		w.signed(externalWitness, "CHECK", c.check)
		n++
	}
	w.move(s.state.closed())
	return page.Section{Mark: "R8", Title: "Closing", Blocks: w.blocks}, w.err
}

// declaration is R9.
func (s *script) declaration() page.Section {
	who := page.Signatures{"ceremony administrator"}
	for _, name := range s.parts.names {
		who = append(who, name)
	}
	who = append(who, "internal witness", "external witness")
	return page.Section{Mark: "R9", Title: "Declaration, at the end", Blocks: []page.Block{
		&page.Text{Text: "I was present from the time to the time in R2. The script was followed, except as in the exceptions E___ to E___ (write “none” if there were none). This paper is true. Whoever does not agree writes “I do not agree”, and why:"},
		page.Ruled(3), who,
	}}
}

// exceptions are R10, five blank sheets, and R11.
func exceptions() []page.Section {
	var list []page.Section
	for i := 1; i <= 5; i++ {
		list = append(list, page.Section{Mark: "R10", Title: fmt.Sprintf("Exception sheet E%d", i), Blocks: []page.Block{
			page.Facts{
				{Name: "step; begin and end UTC"}, {Name: "kind: paper wrong, slip, equipment, person, tool refused, physical"},
				{Name: "expected"}, {Name: "happened"}, {Name: "screen text, exit code"}, {Name: "transcript line, head words"}, {Name: "who noticed"},
				{Name: "options"}, {Name: "decision (ADM)"}, {Name: "agreed, or objection (EW)"}, {Name: "effect: none, repeat steps, stop"}, {Name: "follow-up: who, until when"}, {Name: "initials of all"},
			},
			page.Ruled(4),
		}})
	}
	return append(list, branches(), glossary())
}
