package record

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// people is A2: who took which part, by the roll, and what each was asked for. What
// nobody typed is written in.
func (s *source) people() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Part", Width: 34}, {Head: "Did, by the transcript", Width: 36},
		{Head: "Name", Width: 42}, {Head: "Organisation", Width: 26}, {Head: "In UTC", Width: 16}, {Head: "Out UTC", Width: 16}}}
	row := func(part, did string) {
		seats := s.seated(strings.TrimPrefix(part, "ceremony "))
		for _, p := range seats {
			table.Rows = append(table.Rows, []string{part, did, p.name, "", p.in, p.out})
		}
		if seats == nil {
			table.Rows = append(table.Rows, []string{part, did, "", "", "", ""})
		}
	}
	row("ceremony administrator", "led; not told")
	for _, who := range s.asked() {
		row(who, "consented at "+steps(s.stepsOf(who)))
	}
	for _, who := range s.onlySeated() {
		row(who, "was here")
	}
	row("internal witness", "not told")
	row("external witness", "not told")
	row("", "not told")
	section := page.Section{Mark: "A2", Title: "People", Flows: true, Blocks: []page.Block{table}}
	if n := s.unattended(); n > 0 {
		why := choose(s.band() == "", "as site.yaml allowed those tokens", "in a rehearsal that nobody was asked in")
		section.Blocks = append(section.Blocks, &page.Text{Strong: true,
			Text: fmt.Sprintf("%s without a person, %s (see A5 and A11).", words.Count(n, "consent"), why)})
	}
	return section
}

// seat is a person in a part, with times of arrival and departure.
type seat struct{ name, in, out string }

const clockLayout = "15:04"

// seated are the people who took a part, in the order in which they came; somebody
// who was there in two runs comes once.
func (s *source) seated(part string) (list []seat) {
	for _, e := range s.events {
		switch d := e.Data.(type) {
		case transcript.Arrived:
			i := slices.IndexFunc(list, func(p seat) bool { return p.name == d.Name })
			if d.Part == part && i < 0 {
				list = append(list, seat{name: d.Name, in: e.Time.Format(clockLayout)})
			} else if d.Part == part {
				list[i].out = ""
			}
		case transcript.Left:
			for i := range list {
				if d.Part == part && list[i].name == d.Name {
					list[i].out = e.Time.Format(clockLayout)
				}
			}
		}
	}
	return list
}

// onlySeated are parts of which nobody was asked for consent.
func (s *source) onlySeated() (list []string) {
	known := append([]string{"administrator", "internal witness", "external witness"}, s.asked()...)
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Arrived); ok && !slices.Contains(known, d.Part) {
			known, list = append(known, d.Part), append(list, d.Part)
		}
	}
	return list
}

// asked are those whose consent was asked for, in the order of the ceremony.
func (s *source) asked() []string {
	var list []string
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Asked); ok && !slices.Contains(list, cmp.Or(d.Who, "whoever was there")) {
			list = append(list, cmp.Or(d.Who, "whoever was there"))
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
			asked = cmp.Or(d.Who, "whoever was there")
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
	return "steps " + words.Numbers(list)
}
