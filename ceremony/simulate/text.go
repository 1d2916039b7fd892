package simulate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
)

// Text shows a result on a width.
func (r *Result) Text(wide int) screen.Text {
	text := screen.Plainly("%s: %s of publication, %s", r.Repository, words.Count(len(r.Steps), "step"), r.fleet())
	for _, part := range []screen.Text{r.steps().Text(wide), r.vehicles().Text(wide), screen.Plainly("%s", r.Verdict())} {
		text = append(append(text, screen.Plainly("")...), part...)
	}
	for _, l := range r.Nobody {
		text = append(text, screen.Plainly("nobody can use delegated role %s: %s", l.Role, l.Problem)...)
	}
	if r.Alone != nil {
		text = append(text, screen.Plainly("not held against %s: %s", r.Alone.Repository, brief(r.Alone.Problem))...)
	}
	return text
}

func (r *Result) fleet() string {
	if n := r.Count(r.all); n > 0 {
		return words.Count(int(n), "vehicle") + " in " + words.Count(len(r.Fates), "state")
	}
	return words.Count(len(r.Fates), "state") + " of vehicles"
}

// steps say who refuses after each file, until the next is there.
func (r *Result) steps() screen.Table {
	t := screen.Table{Head: []string{"", "published", "meanwhile"}}
	for _, s := range r.Steps {
		waiting := 0
		for _, f := range r.Fates {
			if slices.Contains(f.Waits, s.Step) {
				waiting++
			}
		}
		said := "nobody refuses"
		switch {
		case s.Step == len(r.Steps):
			said = ""
		case waiting > 0:
			said = words.Count(waiting, "state") + " refuse until it goes on"
		}
		t.Rows = append(t.Rows, screen.Row{Cells: spans(strconv.Itoa(s.Step), s.String(), said)})
	}
	return t
}

// String is a step in words.
func (s Step) String() string {
	if s.Server {
		return fmt.Sprintf("%s %d, by the server", s.Role, s.Version)
	}
	return fmt.Sprintf("%s %d", s.Role, s.Version)
}

func (r *Result) vehicles() screen.Table {
	t := screen.Table{Head: []string{"vehicles", "root", "states", "outcome"}}
	counted := r.Count(r.all) > 0
	if counted {
		t.Head[2] = "count"
	}
	for _, g := range r.Groups() {
		name := string(g.Kind)
		if g.Name != "" {
			name = g.Name + ", " + name
		}
		many := int64(g.States)
		if counted {
			many = g.Count
		}
		t.Rows = append(t.Rows, screen.Row{Cells: spans(name, ranges(g.Roots), strconv.FormatInt(many, 10), g.Outcome()), Note: g.note()})
	}
	return t
}

// Outcome is what becomes of vehicles, in few words.
func (f Fate) Outcome() string {
	switch {
	case f.Along && len(f.Waits) > 0:
		return "come along, after waiting"
	case f.Along:
		return "come along"
	case f.Workshop:
		return "stuck, need a workshop"
	}
	return "stuck"
}

func (g Group) note() string {
	if g.Along {
		return ""
	}
	text := g.Reason()
	if g.States == 1 && len(g.Remembers) > 0 {
		text = "with " + strings.TrimPrefix(g.Class.String(), string(g.Kind)+", ") + ": " + text
	}
	switch {
	case g.Before:
		text += "; they said so before"
	case !g.Workshop:
		text += "; a later file can bring them back: a higher version, or a root with new keys for snapshot and timestamp"
	}
	return text
}

// Verdict is the whole in one line.
func (r *Result) Verdict() string {
	stuck := r.Stuck()
	if len(stuck) == 0 {
		return "all come along"
	}
	text := fmt.Sprintf("%d of %s stuck", len(stuck), words.Count(len(r.Fates), "state"))
	if n := r.Count(func(f Fate) bool { return !f.Along }); n > 0 {
		text = fmt.Sprintf("%d of %s stuck", n, words.Count(int(r.Count(r.all)), "vehicle"))
	}
	shops := 0
	for _, f := range stuck {
		if f.Workshop {
			shops++
		}
	}
	if shops == len(stuck) {
		return text + ", and need a workshop"
	}
	return text
}

// Count counts vehicles; of classes that follow from a publication nobody knows it.
func (r *Result) Count(which func(Fate) bool) (n int64) {
	for _, f := range r.Fates {
		if which(f) {
			n += f.Count
		}
	}
	return n
}

func (r *Result) all(Fate) bool { return true }

func spans(texts ...string) (list []screen.Span) {
	for _, text := range texts {
		list = append(list, screen.Span{Text: text})
	}
	return list
}
