package record

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/tell"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// findings is A7: what the policy did not like, and who set it aside.
func (s *source) findings() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Check", Width: 38}, {Head: "Severity", Width: 18}, {Head: "Finding", Width: 70}, {Head: "Waived by, because", Width: 44}}}
	for _, f := range s.allFindings() {
		waived := "not waived"
		if f.WaivedBy != "" {
			waived = f.WaivedBy + ": " + f.Because
		}
		table.Rows = append(table.Rows, []string{f.Check, f.Severity, f.Message, waived})
	}
	section := page.Section{Mark: "A7", Title: "Findings and waivers", Flows: true, Blocks: []page.Block{&page.Text{Text: s.passed()}}}
	if len(table.Rows) == 0 {
		section.Blocks = append(section.Blocks, &page.Text{Text: "No finding, no waiver."})
		return section
	}
	section.Blocks = append(section.Blocks, table)
	return section
}

// allFindings are those of the plan and of every review, each once.
func (s *source) allFindings() []transcript.Finding {
	list := slices.Clone(s.plan.Findings)
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Reviewed); ok {
			for _, f := range d.Findings {
				if !slices.Contains(list, f) {
					list = append(list, f)
				}
			}
		}
	}
	return list
}

func (s *source) passed() string {
	for _, e := range slices.Backward(s.events) {
		if d, ok := e.Data.(transcript.Reviewed); ok {
			return fmt.Sprintf("Judged by policy %s, immediately before signing; %s passed. keyrite policy show lists them with their sources.", d.Policy, words.Count(len(d.Passed), "check"))
		}
	}
	return "No review took place."
}

// deviations is A8: everything that did not go as the plan has it.
func (s *source) deviations() page.Section {
	section := page.Section{Mark: "A8", Title: "Deviations", Flows: true}
	rows := s.deviationRows()
	if len(rows) == 0 {
		section.Blocks = []page.Block{&page.Text{Text: "None: no wrong word or phrase, no failed step, no resumption, no repetition, no clock that went back.", Strong: true}}
		return section
	}
	section.Blocks = []page.Block{&page.Table{Columns: []page.Column{{Head: "Line", Width: 12}, {Head: "UTC", Width: 34}, {Head: "Step", Width: 12}, {Head: "Kind", Width: 26}, {Head: "What", Width: 86}}, Rows: rows}}
	return section
}

func (s *source) deviationRows() [][]string {
	var rows [][]string
	last := map[string]transcript.Event{} // by site
	asked := map[string]bool{}            // tokens that were asked for the same already
	for i, e := range s.events {
		kind := deviation(e.Data)
		if d, ok := e.Data.(transcript.Signing); ok {
			again := fmt.Sprint(e.Step, d)
			kind, asked[again] = choose(asked[again], "repetition", ""), true
		}
		if kind == "" && e.Time.Before(last[s.siteAt(i)].Time) {
			kind = "clock went back"
		}
		last[s.siteAt(i)] = e
		if kind != "" {
			rows = append(rows, []string{fmt.Sprint(e.Seq), e.Time.Format(layout), choose(e.Step > 0, fmt.Sprint(e.Step), "–"), kind, tell.Event(e.Data)})
		}
	}
	return append(rows, s.missingWitnesses()...)
}

// siteAt is the site of an event, "" where all are of one.
func (s *source) siteAt(i int) string {
	if s.sites == nil {
		return ""
	}
	return s.sites[i]
}

// deviation is the kind of a deviation, "" for what belongs to every ceremony.
func deviation(d transcript.Data) string {
	switch d.(type) {
	case transcript.Mistyped:
		return "mistyped"
	case transcript.Declined:
		return "no"
	case transcript.Exception:
		return "exception"
	case transcript.Left:
		return "somebody left"
	case transcript.Failed:
		return "failure"
	case transcript.Resumed:
		return "resumption"
	case transcript.Torn:
		return "crash"
	case transcript.Note:
		return "note"
	case transcript.Adopted:
		return "leftover taken in"
	case transcript.Aborted:
		return "abort"
	}
	return ""
}

// rehearsal is A9.
func (s *source) rehearsal() page.Section {
	section := page.Section{Mark: "A9", Title: "Rehearsal", Flows: true}
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Rehearsed); ok && !d.Head.IsZero() {
			section.Blocks = append(section.Blocks,
				page.Facts{{Name: "rehearsed", Value: d.Time.Format(layout) + ", " + d.State}, {Name: "in", Value: d.World},
					{Name: "by", Value: choose(d.Alone, "nobody: the steps were tried, and people practised nothing", "people, as its transcript names them")}},
				hashGrid("Head of the rehearsal, in words, as its paper has it", d.Head))
		}
	}
	if section.Blocks == nil {
		section.Blocks = []page.Block{
			&page.Text{Text: "No rehearsal of this plan was found when the ceremony began. If one was held elsewhere: its date, and the head of its transcript."},
			page.Facts{{Name: "rehearsed, head"}},
		}
	}
	return section
}

// checkpoints are all hashes that were shown for the witness's paper.
func (s *source) checkpoints() page.Block {
	table := &page.Table{Columns: []page.Column{{Head: "Line", Width: 11}, {Head: "UTC", Width: 34}, {Head: "Head, in words, as the witness's paper has it", Width: 125}}}
	for _, e := range s.events {
		if e.Shown() {
			table.Rows = append(table.Rows, []string{fmt.Sprint(e.Seq), e.Time.Format(layout), e.Hash.WordText()})
		}
	}
	if len(table.Rows) == 0 {
		return &page.Text{Text: "No head was shown."}
	}
	return table
}

// chronicle is A11: every line.
func (s *source) chronicle() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Line", Width: 11}, {Head: "UTC", Width: 34}, {Head: "Step", Width: 11}, {Head: "Who", Width: 18}, {Head: "What", Width: 96}}}
	for _, e := range s.events {
		table.Rows = append(table.Rows, []string{fmt.Sprint(e.Seq), e.Time.Format(layout), choose(e.Step > 0, fmt.Sprint(e.Step), "–"), e.Actor, tell.Event(e.Data)})
	}
	return page.Section{Mark: "A11", Title: "Chronicle", Blocks: []page.Block{s.checkpoints(), table}}
}
