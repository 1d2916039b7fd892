package rehearse

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight/preflighttest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

func TestMain(m *testing.M) {
	if hsm.IsHelper() {
		os.Exit(hsm.Helper())
	}
	os.Exit(m.Run())
}

// stage is a workspace with a plan, and people who rehearse it.
type stage struct {
	t    *testing.T
	ws   *workspace.Workspace
	plan *plan.Plan
	now  time.Time
}

func newStage(t *testing.T) *stage {
	s := &stage{t: t, ws: ceremonytest.Open(t, ceremonytest.Small(t)), now: ceremonytest.Now}
	s.makePlan(plan.Request{})
	return s
}

func (s *stage) makePlan(r plan.Request) {
	s.t.Helper()
	r.Repository, r.Reason, r.Now = "image", "test", s.now
	made, err := derive.Make(s.ws, r)
	if err != nil || made.Plan == nil {
		s.t.Fatal(made, err)
	}
	s.plan = made.Plan
}

func (s *stage) room(answers ...string) (room.Room, *ceremonytest.Person) {
	person := &ceremonytest.Person{Answers: answers}
	return room.Room{Workspace: s.ws, Prompter: person, Now: func() time.Time { return s.now.Add(time.Minute) }}, person
}

func (s *stage) open(r room.Room) *World {
	s.t.Helper()
	w, err := Open(s.t.Context(), r, s.plan.Ceremony, "")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { w.Close() })
	return w
}

// rehearse holds a rehearsal with somebody who answers everything as asked.
func (s *stage) rehearse() (*World, *ceremonytest.Person) {
	s.t.Helper()
	r, person := s.room(slices.Repeat([]string{ceremonytest.AsAsked}, 100)...)
	w := s.open(r)
	person.Paper = map[string]digest.SHA256{"plan": w.Plan, "room": w.Room}
	if err := w.Run(s.t.Context(), r, preflighttest.Fit); err != nil {
		s.t.Fatalf("%v\n%q", err, person.Said)
	}
	return w, person
}

// hold holds the real ceremony, without questions.
func (s *stage) hold() {
	s.t.Helper()
	sums := s.sums(s.ws)
	quoted, err := Last(s.ws, s.plan.Ceremony)
	if err != nil {
		s.t.Fatal(err)
	}
	r, _ := s.room()
	held := &run.Run{Room: r, Inspect: preflighttest.Fit, Yes: true, PlanSHA256: sums["plan"], RoomSHA256: sums["room"], Rehearsed: quoted}
	if err := held.Ceremony(s.t.Context(), s.plan.Ceremony); err != nil {
		s.t.Fatal(err)
	}
	s.now = s.now.Add(time.Hour)
}

func (s *stage) sums(ws *workspace.Workspace) map[string]digest.SHA256 {
	s.t.Helper()
	_, sum, err := plan.Read(ws, s.plan.Ceremony)
	if err != nil {
		s.t.Fatal(err)
	}
	site, err := ws.Site()
	if err != nil {
		s.t.Fatal(err)
	}
	return map[string]digest.SHA256{"plan": sum, "room": site.SHA256()}
}

var heading = regexp.MustCompile(`(?m)^FAKE step ([0-9]+ of [0-9]+: .*?)(?:  .*)?$`)

// steps are the headings that a person saw, without the mark.
func steps(t *testing.T, said []string) (list []string) {
	t.Helper()
	for _, text := range said {
		if m := heading.FindStringSubmatch(text); m != nil {
			list = append(list, m[1])
		}
	}
	return list
}

// TestSameSteps rehearses a first ceremony, a renewal of everything, and a rotation of
// a root key, each before it is held: the steps on the screen are those of the plan,
// and nothing of the real workspace changes but for what stands below rehearsals/.
func TestSameSteps(t *testing.T) {
	s := newStage(t)
	for _, next := range []func(){
		func() {},
		func() { s.makePlan(plan.Request{Renew: workspace.TopLevel}) },
		func() {
			ceremonytest.Rewrite(t, s.ws.Dir, workspace.TrustFile, func(text string) string {
				return strings.NewReplacer("root-a: {type: ed25519, custodian: a}", "root-b: {type: ecdsa-p384, custodian: a}", "keys: [root-a]", "keys: [root-b]").Replace(text)
			})
			ceremonytest.Rewrite(t, s.ws.Dir, workspace.SiteFile, func(text string) string { return strings.Replace(text, "root-a: all", "root-a: all, root-b: all", 1) })
			s.makePlan(plan.Request{Destroy: []string{"root-a"}})
		},
	} {
		next()
		before := tree(t, s.ws.Dir)
		w, person := s.rehearse()
		var want []string
		for _, step := range s.plan.Steps {
			want = append(want, strings.TrimPrefix(s.plan.Heading(step), "step "))
		}
		if got := steps(t, person.Said); !slices.Equal(got, want) {
			t.Errorf("got steps %q\nwant %q", got, want)
		}
		for _, said := range person.Said {
			if !strings.HasPrefix(said, strings.TrimSpace(workspace.FakePrefix)) {
				t.Errorf("it does not say that it is fake: %q", said)
			}
		}
		if after := tree(t, s.ws.Dir); !maps.Equal(before, after) {
			t.Errorf("%s: the real workspace changed: %v", s.plan.Ceremony, after)
		}
		s.judged(w)
		if s.plan.Destroy == nil {
			s.hold()
		}
	}
}

// tree is all files of a workspace with their hashes, but for rehearsals.
func tree(t *testing.T, dir string) map[string]digest.SHA256 {
	t.Helper()
	files := map[string]digest.SHA256{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == workspace.RehearsalsDir {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() && !strings.Contains(name, "/hsm/") && !strings.HasPrefix(d.Name(), ".lock") {
			files[name] = digest.Of([]byte(ceremonytest.Content(t, name)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// judged demands that the plan of the world was judged as the real one, and that no
// signed file of it lives longer than the rehearsal.
func (s *stage) judged(w *World) {
	s.t.Helper()
	got, _, err := plan.Read(w.Workspace, s.plan.Ceremony)
	if err != nil {
		s.t.Fatal(err)
	}
	if !slices.Equal(got.Findings, s.plan.Findings) {
		s.t.Errorf("got findings %v\nwant %v", got.Findings, s.plan.Findings)
	}
	if got.Changes.Count != s.plan.Changes.Count {
		s.t.Errorf("got %d changes %v\nwant %d %v", got.Changes.Count, got.Changes.First, s.plan.Changes.Count, s.plan.Changes.First)
	}
	state, err := signed.Load(w, "image", roles.TUF)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range append(slices.Collect(maps.Values(state.Files)), state.Roots...) {
		if expires := roles.HeadOf(file.Body).Expires; roles.FakeOf(file.Body).Of != s.plan.Ceremony || expires.After(w.Rehearsal.Until) {
			s.t.Errorf("%s expires %s: %s", file.Body.Type(), expires, file.Signed)
		}
	}
}

// TestAlone tries the steps of a ceremony that people hold, with nobody there; what it
// quotes says so. Without Alone it asks, and stops.
func TestAlone(t *testing.T) {
	s := newStage(t)
	ceremonytest.Rewrite(t, s.ws.Dir, "site.yaml", func(text string) string {
		return regexp.MustCompile(`pin: "[^"]*", unattended: \[[^]]*\]`).ReplaceAllString(text, "pin: ask")
	})
	s.makePlan(plan.Request{})
	var said strings.Builder
	r := room.Room{Workspace: s.ws, Prompter: prompt.Nobody(&said), Now: func() time.Time { return s.now.Add(time.Minute) }}
	w := s.open(r)
	if err := w.Run(t.Context(), r, preflighttest.Fit); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "no terminal") {
		t.Errorf("nobody was asked: %v", err)
	}
	w.Alone = true
	if err := w.Run(t.Context(), r, preflighttest.Fit); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	for row := range strings.Lines(said.String()) {
		if !strings.HasPrefix(row, "FAKE") {
			t.Errorf("got row %q", row)
		}
	}
	quoted, err := Last(s.ws, s.plan.Ceremony)
	if err != nil || !quoted.Alone || quoted.State != "finished" || !strings.HasPrefix(quoted.String(), "this plan was rehearsed without people in ") {
		t.Errorf("got %+v, %v", quoted, err)
	}
	events, err := transcript.Read(w, "ceremonies/"+s.plan.Ceremony+"/main")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		switch d := e.Data.(type) {
		case transcript.Unattended:
			if !d.Fake {
				t.Errorf("line %d: %+v", e.Seq, d)
			}
		case transcript.Agreed, transcript.Asked, transcript.Arrived:
			t.Errorf("line %d: %+v", e.Seq, d)
		}
	}
}
