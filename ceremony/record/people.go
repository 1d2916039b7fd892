package record

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// people is A2: the parts, and what each was asked for. Names are written in.
func (s *source) people() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Part", Width: 34}, {Head: "Did, by the transcript", Width: 36},
		{Head: "Name", Width: 42}, {Head: "Organisation", Width: 26}, {Head: "In UTC", Width: 16}, {Head: "Out UTC", Width: 16}}}
	row := func(part, did string) { table.Rows = append(table.Rows, []string{part, did, "", "", "", ""}) }
	row("ceremony administrator", "led; not told")
	for _, who := range s.asked() {
		row(who, "consented at "+steps(s.stepsOf(who)))
	}
	row("internal witness", "not told")
	row("external witness", "not told")
	row("", "not told")
	section := page.Section{Mark: "A2", Title: "People", Flows: true, Blocks: []page.Block{table}}
	if n := s.unattended(); n > 0 {
		section.Blocks = append(section.Blocks, &page.Text{Strong: true,
			Text: fmt.Sprintf("%s without a person, as site.yaml allowed those tokens (see A5 and A11).", words.Count(n, "consent"))})
	}
	return section
}

// asked are those whose consent was asked for, in the order of the ceremony.
func (s *source) asked() []string {
	var list []string
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Asked); ok && !slices.Contains(list, orElse(d.Who, "whoever was there")) {
			list = append(list, orElse(d.Who, "whoever was there"))
		}
	}
	return list
}

// stepsOf are the steps at which somebody consented.
func (s *source) stepsOf(who string) []int {
	var list []int
	asked := ""
	for _, e := range s.events {
		switch d := e.Data.(type) {
		case transcript.Asked:
			asked = orElse(d.Who, "whoever was there")
		case transcript.Agreed:
			if asked == who && !slices.Contains(list, e.Step) {
				list = append(list, e.Step)
			}
		}
	}
	return list
}

func (s *source) unattended() (n int) {
	for _, e := range s.events {
		if _, is := e.Data.(transcript.Unattended); is {
			n++
		}
	}
	return n
}

func steps(list []int) string {
	switch len(list) {
	case 0:
		return "no step"
	case 1:
		return fmt.Sprintf("step %d", list[0])
	}
	return "steps " + numbers(list)
}
