package record

import (
	"cmp"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// equipment is A3: the tokens that took part, by serial number, with what they
// said of themselves.
func (s *source) equipment() page.Section {
	table := &page.Table{Columns: []page.Column{{Head: "Serial number", Width: 38, Mono: true}, {Head: "Label, model, firmware", Width: 44},
		{Head: "Keys", Width: 32}, {Head: "At steps", Width: 20}, {Head: "Bag out", Width: 18}, {Head: "Bag in", Width: 18}}}
	for _, t := range s.tokens() {
		table.Rows = append(table.Rows, []string{t.serial, t.about, words.List(t.keys), words.Numbers(t.steps), s.bags(t.serial, false), s.bags(t.serial, true)})
	}
	return page.Section{Mark: "A3", Title: "Equipment", Flows: true, Blocks: []page.Block{table,
		&page.Text{Text: "Which token is called what stands in site.yaml, whose hash is the room's (A1): attach it."},
		s.machine(),
		&page.Text{Text: "The machine, its boot image and the sticks are written in:"},
		page.Facts{{Name: "machine, serial number"}, {Name: "boot image, SHA-256"}, {Name: "sticks"}},
	}}
}

// bags are the numbers of the bags that a token came out of, or went into, as they
// were typed. The transcript calls tokens by name, and says once which serial
// number each has.
func (s *source) bags(serial string, in bool) string {
	name, list := "", []string(nil)
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Equipped); ok {
			for _, t := range d.Tokens {
				if t.Serial == serial {
					name = t.Token
				}
			}
		}
	}
	for _, e := range s.events {
		switch d := e.Data.(type) {
		case transcript.Unbagged:
			if !in && d.Token == name {
				list = append(list, d.Bag)
			}
		case transcript.Bagged:
			if in && d.Token == name {
				list = append(list, d.Bag)
			}
		}
	}
	return strings.Join(list, ", ")
}

// machine is what was found of the machine before the first run; a later run that
// found something else has a line of its own in A11.
func (s *source) machine() page.Block {
	found := s.inspected()
	if found == nil {
		return &page.Text{Text: "The transcript does not say that the machine was looked at."}
	}
	table := &page.Table{Columns: []page.Column{{Head: "Verdict", Width: 22}, {Head: "Found before the first step", Width: 148}}}
	for _, l := range found.Lines {
		text := l.Text
		if l.WaivedBy != "" {
			text += "; waived by " + l.WaivedBy + ": " + l.Because
		}
		table.Rows = append(table.Rows, []string{string(l.Verdict), text})
	}
	return table
}

// inspected is what preflight found first, nil when the transcript does not tell.
func (s *source) inspected() *transcript.Inspected {
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Inspected); ok {
			return &d
		}
	}
	return nil
}

// usedToken is a token as the transcript and the records of keys know it.
type usedToken struct {
	serial, about string
	keys          []string
	steps         []int
}

func (s *source) tokens() []*usedToken {
	var list []*usedToken
	use := func(serial, key string, step int) {
		i := slices.IndexFunc(list, func(t *usedToken) bool { return t.serial == serial })
		if i < 0 {
			list, i = append(list, &usedToken{serial: serial, about: s.aboutToken(serial)}), len(list)
		}
		t := list[i]
		if !slices.Contains(t.keys, key) {
			t.keys = append(t.keys, key)
		}
		if !slices.Contains(t.steps, step) {
			t.steps = append(t.steps, step)
		}
	}
	for _, e := range s.events {
		switch d := e.Data.(type) {
		case transcript.Generating:
			use(d.Token, d.Key, e.Step)
		case transcript.Signing:
			use(d.Token, d.Key, e.Step)
		case transcript.Destroying:
			use(d.Token, d.Key, e.Step)
		}
	}
	return list
}

// aboutToken is what the record of a key says of the token that made it.
func (s *source) aboutToken(serial string) string {
	for _, e := range s.events {
		if d, ok := e.Data.(transcript.Equipped); ok {
			for _, t := range d.Tokens {
				if t.Serial == serial {
					return t.Label + ", " + cmp.Or(t.Model, "no model") + ", " + cmp.Or(t.Firmware, "no firmware version")
				}
			}
		}
	}
	for _, name := range s.keyNames() {
		if t := s.keys[name].Token; t != nil && t.Serial == serial {
			return t.Label + ", " + cmp.Or(t.Model, "no model") + ", " + cmp.Or(t.Firmware, "no firmware version")
		}
	}
	return "not told"
}
