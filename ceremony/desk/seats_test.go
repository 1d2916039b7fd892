package desk

import (
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/policies"
)

// TestAwait goes on when a part is taken, and says who is missing when it stays open.
func TestAwait(t *testing.T) {
	d, _ := newTestDesk()
	typist := &typist{Person: &ceremonytest.Person{}, lines: []string{"Ada", ""}}
	d.Prompter = typist
	log := &memory{}
	witness := func(p people.Part) bool { return p.Kind == policies.Witness }
	if err := d.Await(t.Context(), log, d.Missing(func(p people.Part) bool { return p.Kind == policies.Administrator })); err != nil || d.Holder("administrator") != "Ada" || len(log.list) != 1 {
		t.Errorf("got %v, %+v", err, log.list)
	}
	ceremonytest.WantError(t, d.Await(t.Context(), log, d.Missing(witness)), fault.Incomplete,
		"internal witness is not here, want somebody in that part"+ceremonytest.Hinted+"wait for them and run it again\ntrust.yaml says under people how many must be there")
}

// TestNoDesk has nobody, and misses nobody.
func TestNoDesk(t *testing.T) {
	var d *Desk
	if d.Present() != nil || d.Holder("administrator") != "" || d.Missing(func(people.Part) bool { return true }) != nil {
		t.Error("somebody is at a desk that is none")
	}
}
