package run

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// stage is a workspace with a plan that was printed: its paper holds the hashes
// as they were then.
type stage struct {
	t     *testing.T
	dir   string
	paper map[string]digest.SHA256 // plan, room, head
	plan  *plan.Plan

	machine []transcript.Inspection // what preflight finds
	asked   preflight.Request       // what it was asked for last
}

// newStage makes a workspace with one token and a plan for its first ceremony.
func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, dir: ceremonytest.Small(t)}
	s.makePlan(plan.Request{})
	return s
}

// makePlan makes a plan; each is made an hour after the one before.
func (s *stage) makePlan(r plan.Request) {
	s.t.Helper()
	r.Repository, r.Reason, r.Now = "image", "test", s.now()
	made, err := derive.Make(ceremonytest.Open(s.t, s.dir), r)
	if err != nil || made.Plan == nil {
		s.t.Fatal(made, err)
	}
	s.plan = made.Plan
	s.paper = map[string]digest.SHA256{"plan": made.SHA256, "room": made.Room}
}

// now is an hour later with each ceremony.
// siteDir is where the only site writes.
func (s *stage) siteDir() string { return ceremonies.SiteDir(s.plan.Ceremony, "main") }

func (s *stage) now() time.Time {
	dirs, err := filepath.Glob(filepath.Join(s.dir, "ceremonies/*"))
	if err != nil {
		s.t.Fatal(err)
	}
	return ceremonytest.Now.Add(time.Duration(len(dirs)) * time.Hour)
}

// copy is the stage as it is now, somewhere else. The paper is of another
// site.yaml then, since that holds paths.
func (s *stage) copy() *stage {
	s.t.Helper()
	c := *s
	c.dir = ceremonytest.CopySmall(s.t, s.dir)
	site, err := ceremonytest.Open(s.t, c.dir).Site()
	if err != nil {
		s.t.Fatal(err)
	}
	c.paper = map[string]digest.SHA256{"plan": s.paper["plan"], "room": site.SHA256(), "head": s.paper["head"]}
	return &c
}

// watcher is a Prompter that calls back when a step begins. It has nobody to
// ask.
type watcher struct {
	prompt.Prompter
	step func(n int)
}

func (w watcher) Show(text screen.Text) {
	var n, of int
	if _, err := fmt.Sscanf(text.String(), "step %d of %d:", &n, &of); err == nil && w.step != nil {
		w.step(n)
	}
}

// unattended runs the plan without questions, by the hashes of the paper.
func (s *stage) unattended(ctx context.Context, step func(int)) error {
	s.t.Helper()
	r := &Run{Room: s.room(watcher{prompt.Nobody(bytes.NewBuffer(nil)), step}), Inspect: s.inspect, Yes: true, PlanSHA256: s.paper["plan"], RoomSHA256: s.paper["room"]}
	return r.Ceremony(ctx, s.plan.Ceremony)
}

// attended runs the plan with somebody who has the paper, who types these answers.
func (s *stage) attended(answers ...string) (*ceremonytest.Person, error) {
	return s.attendedWhile(nil, answers...)
}

// attendedWhile is attended while somebody else has the disk, before anything is
// answered or said.
func (s *stage) attendedWhile(before func(string), answers ...string) (*ceremonytest.Person, error) {
	s.t.Helper()
	person := &ceremonytest.Person{Answers: answers, Paper: s.paper, Before: before}
	r := &Run{Room: s.room(person), Inspect: s.inspect}
	return person, r.Ceremony(s.t.Context(), s.plan.Ceremony)
}

func (s *stage) room(p prompt.Prompter) room.Room {
	s.t.Helper()
	now := s.plan.Created.Add(time.Minute)
	return room.Room{Workspace: ceremonytest.Open(s.t, s.dir), Prompter: p, Now: func() time.Time { return now }}
}

// inspect finds a machine that is fit, but for what a test says of it.
func (s *stage) inspect(_ context.Context, _ *workspace.Workspace, ask preflight.Request) (*preflight.Report, error) {
	s.asked = ask
	return &preflight.Report{Inspected: transcript.Inspected{Build: "a test", Lines: s.machine}}, nil
}

// all answers everything as asked.
func all() []string { return slices.Repeat([]string{ceremonytest.AsAsked}, 100) }

// events reads the transcript.
func (s *stage) events() []transcript.Event {
	s.t.Helper()
	events, err := transcript.Read(ceremonytest.Open(s.t, s.dir).Folder, s.siteDir())
	if err != nil {
		s.t.Fatal(err)
	}
	return events
}

// log opens the transcript as an attacker does, who can chain lines as well as
// keyrite can.
func (s *stage) forge(step int, lines ...transcript.Data) {
	s.t.Helper()
	events, _ := transcript.Read(ceremonytest.Open(s.t, s.dir).Folder, s.siteDir())
	last := func() time.Time { return ceremonytest.Now }
	if len(events) > 0 { // else it is a new one
		last = func() time.Time { return events[len(events)-1].Time }
	}
	t, err := transcript.Open(ceremonytest.Open(s.t, s.dir).Folder, s.siteDir(), last)
	if err != nil {
		s.t.Fatal(err)
	}
	defer t.Close()
	for _, data := range lines {
		if err := t.Append(step, transcript.ActorTool, data); err != nil {
			s.t.Fatal(err)
		}
	}
}

// cut removes the last lines of the transcript, down to one of a kind, and it.
func (s *stage) cut(kind transcript.Kind) {
	s.t.Helper()
	name := path.Join(s.siteDir(), transcript.File)
	ceremonytest.Rewrite(s.t, s.dir, name, func(text string) string {
		lines := bytes.SplitAfter([]byte(text), []byte("\n"))
		for i := len(lines) - 1; i >= 0; i-- {
			if bytes.Contains(lines[i], []byte(`"event":"`+string(kind)+`"`)) {
				return string(bytes.Join(lines[:i], nil))
			}
		}
		s.t.Fatalf("no line of kind %s", kind)
		return ""
	})
}

// finished demands that every step came to its end, and nothing is left to do.
func (s *stage) finished() {
	s.t.Helper()
	done := map[int]bool{}
	events := s.events()
	for _, e := range events {
		switch e.Data.(type) {
		case transcript.Generated, transcript.Reviewed, transcript.Signed, transcript.Written, transcript.Verified, transcript.Destroyed:
			done[e.Step] = true
		}
	}
	for _, step := range s.plan.Steps {
		if !done[step.Step] {
			s.t.Errorf("step %d, %s, has no result", step.Step, step)
		}
	}
	if _, ok := events[len(events)-1].Data.(transcript.Finished); !ok {
		s.t.Errorf("the last line is %s, want finished", events[len(events)-1].Event)
	}
	made, err := derive.Make(ceremonytest.Open(s.t, s.dir), plan.Request{Repository: "image", Now: s.plan.Created.Add(time.Hour)})
	if err != nil || made.Plan != nil {
		s.t.Errorf("after the ceremony: plan %v, %v; want nothing to do", made.Plan, err)
	}
}

// signatures counts what the transcript says that tokens were asked to sign.
func (s *stage) signatures() int {
	n := 0
	for _, e := range s.events() {
		if _, ok := e.Data.(transcript.Signing); ok {
			n++
		}
	}
	return n
}
