package horizon

import (
	"fmt"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Paper is the horizon on A4: the timeline, who must come, and how old keys are.
func (h *Horizon) Paper() *page.Document {
	at := roles.FormatTime(h.At)
	d := &page.Document{Title: "Horizon of " + h.Fleet, Foot: fmt.Sprintf("%s · horizon at %s", h.Fleet, at), Size: 10}
	d.Sections = []page.Section{
		{Mark: "H1", Title: "What is due", Blocks: append([]page.Block{
			&page.Cover{Over: h.Fleet, Title: "Horizon", Under: at, Sentence: h.sentence()}, h.Timeline(),
		}, h.table())},
		{Mark: "H2", Title: "Who must come", Blocks: h.gatherings(), Flows: true},
	}
	if len(h.Keys) > 0 {
		d.Sections = append(d.Sections, page.Section{Mark: "H3", Title: "Keys and their custody", Blocks: h.keys(), Flows: true})
	}
	return d
}

func (h *Horizon) sentence() string {
	if len(h.Items) == 0 {
		return "Nothing is due."
	}
	first := h.Items[0]
	if first.IsDue() {
		return fmt.Sprintf("Now: %s.", first.What)
	}
	return fmt.Sprintf("Next: %s by %s, in %s.", first.What, first.By.Format(time.DateOnly), first.In)
}

// Timeline draws when things are due and expire.
func (h *Horizon) Timeline() *page.Figure {
	var bars []page.Bar
	words := ""
	for _, i := range slices.Backward(h.Items) {
		end := i.Expires
		if end.IsZero() {
			end = i.By
		}
		bars = append(bars, page.Bar{Name: i.Short(), Due: i.By, End: end})
		words = fmt.Sprintf("%-28s due %s, expires %s\n", i.Short(), i.By.Format(time.DateOnly), end.Format(time.DateOnly)) + words
	}
	return page.Timeline("When it is due (dark) and expires",
		"One bar for each file: light until it is due for renewal, dark until it expires; the dates of expiry stand at the bars.", words, "now", h.At, bars)
}

// Short names a thing in few letters.
func (i Item) Short() string {
	switch {
	case i.Kit != "":
		return "kit " + i.Kit
	case i.Role == "":
		return i.What
	}
	return fmt.Sprintf("%s %s %d", i.Repository, i.Role, i.Version)
}

func (h *Horizon) table() *page.Table {
	t := &page.Table{Columns: []page.Column{{Head: "due by", Width: 24}, {Head: "in", Width: 26}, {Head: "what", Width: 60}, {Head: "expires", Width: 60}}}
	for _, i := range h.Items {
		expires := "–"
		if !i.Expires.IsZero() {
			expires = roles.FormatTime(i.Expires)
		}
		t.Rows = append(t.Rows, []string{i.By.Format(time.DateOnly), i.In, i.What, expires})
	}
	return t
}

func (h *Horizon) gatherings() (blocks []page.Block) {
	for _, n := range h.Next {
		facts := page.Facts{}
		for _, need := range n.Need {
			for i, holder := range need.From {
				name := ""
				if i == 0 {
					name = fmt.Sprintf("%s, %d of %d", need.Of, need.Threshold, len(need.From))
				}
				facts = append(facts, page.Fact{Name: name, Value: holder.String()})
			}
		}
		for _, who := range n.Besides {
			facts = append(facts, page.Fact{Name: "besides", Value: who})
		}
		if n.Command != "" {
			facts = append(facts, page.Fact{Name: "command", Value: n.Command, Mono: true})
		}
		blocks = append(blocks, &page.Text{Text: n.Title(), Strong: true}, facts)
	}
	if blocks == nil {
		blocks = []page.Block{&page.Text{Text: "Nobody."}}
	}
	return blocks
}

func (h *Horizon) keys() []page.Block {
	t := &page.Table{Columns: []page.Column{{Head: "key", Width: 30}, {Head: "age", Width: 20}, {Head: "custody", Width: 60}, {Head: "token", Width: 60}}}
	var known []string // what is known against tokens, each once
	concerns, broken := map[string][]string{}, map[string]bool{}
	for _, k := range h.Keys {
		t.Rows = append(t.Rows, []string{k.Name, k.Age, k.Custody(), k.Token})
		for _, a := range k.Advisories {
			if concerns[a] == nil {
				known = append(known, a)
			}
			concerns[a], broken[a] = append(concerns[a], k.Name), broken[a] || k.Broken
		}
	}
	blocks := []page.Block{t}
	for _, a := range known {
		blocks = append(blocks, &page.Text{Text: fmt.Sprintf("%s: %s", words.List(concerns[a]), a), Strong: broken[a]})
	}
	return blocks
}
