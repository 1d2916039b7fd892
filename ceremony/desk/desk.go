package desk

import (
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
)

// Desk keeps the roll of a ceremony. A nil one is that of a run without people: nobody
// is here, nobody is missing.
type Desk struct {
	room.Room
	roll       people.Roll
	known      map[string][]string // names by part, from people.yaml and from earlier runs
	tokens     []string
	exceptions int
	changed    func()
}

// Wanted is what a ceremony wants of its desk.
type Wanted struct {
	Roll    people.Roll
	Tokens  []string // whose bags may be opened and sealed
	Changed func()   // hears that somebody came or went
}

// New is a desk at which nobody has arrived yet. It suggests the names that people.yaml
// has, and those that were told in the earlier runs of this ceremony.
func New(r room.Room, want Wanted, names *workspace.Names, earlier []transcript.Event) *Desk {
	d := &Desk{Room: r, roll: want.Roll, known: map[string][]string{}, tokens: want.Tokens, changed: want.Changed}
	for _, n := range slices.Backward(names.People) { // the last one known comes first
		d.knows(n.Part, n.Name)
	}
	for _, e := range earlier {
		switch t := e.Data.(type) {
		case transcript.Arrived:
			d.knows(t.Part, t.Name)
		case transcript.Exception:
			d.exceptions = max(d.exceptions, t.Number)
		}
	}
	return d
}

// knows keeps a name for a part, the last one first.
func (d *Desk) knows(part, name string) {
	part = strings.ToLower(part)
	list := slices.DeleteFunc(d.known[part], func(n string) bool { return n == name })
	d.known[part] = append([]string{name}, list...)
}

// Present is who is here, as policies judge them; nil where no roll is called.
func (d *Desk) Present() []policies.Person {
	if d == nil {
		return nil
	}
	return d.roll.Present()
}

// Missing are the parts that nobody takes, of those that are wanted.
func (d *Desk) Missing(wanted func(people.Part) bool) []people.Part {
	if d == nil {
		return nil
	}
	return d.roll.Missing(wanted)
}

// Holder is the name of who takes a part now, "" when nobody does.
func (d *Desk) Holder(part string) string {
	if d == nil {
		return ""
	}
	return d.roll.Holder(part)
}
