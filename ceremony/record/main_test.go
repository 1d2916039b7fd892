package record

import (
	"os"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight/preflighttest"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// held is a workspace in which one ceremony was held.
type held struct {
	dir  string
	ws   *workspace.Workspace
	name string // of its transcript
}

// hold makes a workspace with one token and holds its first ceremony: somebody
// types what is asked for, once wrongly.
func hold(t *testing.T) held {
	t.Helper()
	dir := ceremonytest.Small(t)
	ws := ceremonytest.Open(t, dir)
	made, err := derive.Make(ws, plan.Request{Repository: "image", Reason: "first root", Now: ceremonytest.Now})
	if err != nil {
		t.Fatal(err)
	}
	h := held{dir, ws, made.Plan.Ceremony + "/main"}
	paper := map[string]digest.SHA256{"plan": made.SHA256, "room": made.Room}
	now := ceremonytest.Now
	attend := func(answers ...string) error {
		person := &ceremonytest.Person{Answers: answers, Paper: paper}
		r := run.Run{Inspect: preflighttest.Fit, Room: room.Room{Workspace: ws, Prompter: person, Now: func() time.Time { now = now.Add(7 * time.Second); return now }}}
		return r.Ceremony(t.Context(), made.Plan.Ceremony)
	}
	if err := attend(ceremonytest.AsAsked, "yes"); err == nil {
		t.Fatal("a yes is no phrase")
	}
	answers := make([]string, 20)
	for i := range answers {
		answers[i] = ceremonytest.AsAsked
	}
	if err := attend(answers...); err != nil {
		t.Fatal(err)
	}
	return h
}
