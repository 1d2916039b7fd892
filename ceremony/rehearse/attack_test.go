package rehearse

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight/preflighttest"
	"github.com/uptane/keyrite/ceremony/run"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// copied is a stage with its rehearsal, somewhere else.
func (s *stage) copied(w *World) (*stage, *World) {
	c := *s
	dir := ceremonytest.CopySmall(s.t, s.ws.Dir)
	c.ws = ceremonytest.Open(s.t, dir)
	moved := func(name string) {
		ceremonytest.Rewrite(s.t, filepath.Join(dir, w.Name), name, func(text string) string { return strings.ReplaceAll(text, s.ws.Dir, dir) })
	}
	moved("site.yaml")
	moved("hsm/softhsm2.conf")
	copied, err := open(c.ws, w.Name)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { copied.Close() })
	return &c, copied
}

// elsewhereIn is a site.yaml whose tokens lie in another folder.
func elsewhereIn(site, dir string) string {
	return strings.NewReplacer("CONF: hsm/", "CONF: "+dir+"/hsm/", "[hsm/", "["+dir+"/hsm/").Replace(site)
}

// copyTo copies files of the world into the real workspace, as a tired operator does
// who is in the wrong folder.
func (w *World) copyTo(t *testing.T, ws *workspace.Workspace, names ...string) {
	t.Helper()
	for _, name := range names {
		to := filepath.Join(ws.Dir, name)
		ceremonytest.MakeDir(t, filepath.Dir(to))
		if err := os.WriteFile(to, []byte(ceremonytest.Content(t, w.Dir, name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *stage) makes() error {
	_, err := derive.Make(s.ws, plan.Request{Repository: "image", Now: s.now})
	return err
}

// TestRefusedByProduction takes what a rehearsal made for what is meant.
func TestRefusedByProduction(t *testing.T) {
	s := newStage(t)
	w, _ := s.rehearse()
	files := []string{"image/metadata/1.root.json", "image/metadata/1.targets.json", "image/metadata/1.snapshot.json", "image/metadata/timestamp.json"}
	for name, tt := range map[string]struct {
		mix  func(*stage, *World) error
		code fault.Code
		want string
	}{
		"its metadata": {func(s *stage, w *World) error {
			w.copyTo(t, s.ws, files...)
			return s.makes()
		}, fault.Refused, "image/metadata/1.root.json, by what its signed part says: it is of a rehearsal"},
		"a key's record": {func(s *stage, w *World) error {
			w.copyTo(t, s.ws, "keys/root-a.yaml")
			return s.makes()
		}, fault.Refused, `key root-a, of token "FAKE all": it is of a rehearsal`},
		"a record without its token": {func(s *stage, w *World) error {
			w.copyTo(t, s.ws, "keys/root-a.yaml")
			ceremonytest.Rewrite(t, s.ws.Dir, "keys/root-a.yaml", func(text string) string { return text[:strings.Index(text, "token:")] })
			return s.makes()
		}, fault.Refused, "key root-a is FAKE: its public key is that of root-a of rehearsals/"},
		"an imported public key": {func(s *stage, w *World) error {
			record, err := w.Key("root-a")
			if err != nil {
				return err
			}
			r, _ := s.room()
			_, err = custody.ImportKey(t.Context(), r, custody.ImportRequest{Name: "acme", File: "acme.pem", Data: []byte(record.Public)})
			return err
		}, fault.Refused, "key acme is FAKE"},
		"its token": {func(s *stage, w *World) error {
			site := elsewhereIn(ceremonytest.Content(t, w.Dir, "site.yaml"), w.Name)
			if err := os.WriteFile(filepath.Join(s.ws.Dir, "site.yaml"), []byte(site), 0o600); err != nil {
				return err
			}
			r, _ := s.room()
			_, err := custody.GenerateKey(t.Context(), r, custody.KeyRequest{Name: "root-a"})
			return err
		}, fault.Refused, `token all (label "FAKE all", serial `},
		"its plan": {func(s *stage, w *World) error {
			r, _ := s.room()
			r.Workspace = w.Workspace
			sums := s.sums(w.Workspace)
			return (&run.Run{Room: r, Inspect: preflighttest.Fit, Yes: true, PlanSHA256: sums["plan"], RoomSHA256: sums["room"]}).Ceremony(t.Context(), s.plan.Ceremony)
		}, fault.Refused, "it is of a rehearsal"},
		"its folder, unmarked": {func(s *stage, w *World) error {
			if err := os.Remove(filepath.Join(w.Dir, workspace.RehearsalFile)); err != nil {
				return err
			}
			_, err := derive.Make(w.Workspace, plan.Request{Repository: "image", Renew: []string{"root"}, Now: s.now})
			return err
		}, fault.Refused, "image/metadata/1.root.json, by what its signed part says: it is of a rehearsal"},
		"its bundle": {func(s *stage, w *World) error {
			_, err := carry.Bundle(w.Workspace, carry.BundleRequest{Repository: "image", Out: filepath.Join(t.TempDir(), "x.tar"), Now: s.now})
			return err
		}, fault.Refused, "image is of a rehearsal of 2026-11-23-image-1: nothing of it is carried out"},
		"its metadata for a client": {func(s *stage, w *World) error {
			_, err := audit.Verify(audit.VerifyRequest{Path: filepath.Join(w.Dir, "image"), TrustedRoot: filepath.Join(w.Dir, files[0]), Now: s.now})
			return err
		}, fault.Unverified, "1.root.json is FAKE, of a rehearsal of"},
		"its transcript": {func(s *stage, w *World) error {
			dir := filepath.Dir(transcriptOf(t, w.Dir, s.plan.Ceremony))
			w.copyTo(t, s.ws, strings.TrimPrefix(dir, w.Dir+"/")+"/transcript.jsonl")
			r, _ := s.room()
			sums := s.sums(s.ws)
			return (&run.Run{Room: r, Inspect: preflighttest.Fit, Yes: true, PlanSHA256: sums["plan"], RoomSHA256: sums["room"]}).Ceremony(t.Context(), s.plan.Ceremony)
		}, fault.Refused, "transcript.jsonl: it is of a rehearsal"},
	} {
		t.Run(name, func(t *testing.T) {
			s, w := s.copied(w)
			ceremonytest.WantError(t, tt.mix(s, w), tt.code, tt.want)
		})
	}
}

func transcriptOf(t *testing.T, dir, ceremony string) string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"transcript.jsonl", "*/transcript.jsonl"} {
		more, err := filepath.Glob(filepath.Join(dir, "ceremonies", ceremony, pattern))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, more...)
	}
	if len(found) != 1 {
		t.Fatalf("got %q", found)
	}
	return found[0]
}

// TestRealThingsInARehearsal has an attacker put the real room into the world while
// nobody looks: people who believe that it is a rehearsal type everything as asked, and
// no real token is opened for them.
func TestRealThingsInARehearsal(t *testing.T) {
	s := newStage(t)
	s.hold()
	s.makePlan(plan.Request{Renew: []string{"timestamp"}})
	for name, tt := range map[string]struct {
		put  func(w *World)
		want string
	}{
		"token": {func(w *World) {
			site := elsewhereIn(ceremonytest.Content(t, s.ws.Dir, "site.yaml"), s.ws.Dir)
			if err := os.WriteFile(filepath.Join(w.Dir, "site.yaml"), []byte(site), 0o600); err != nil {
				t.Fatal(err)
			}
		}, `token all (label "all", serial `},
		"metadata": {func(w *World) {
			data := ceremonytest.Content(t, s.ws.Dir, "image/metadata/1.targets.json")
			if err := os.WriteFile(filepath.Join(w.Dir, "image/metadata/1.targets.json"), []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "image/metadata/1.targets.json has changed since the plan was made"},
		"mark": {func(w *World) {
			if err := os.Remove(filepath.Join(w.Dir, workspace.RehearsalFile)); err != nil {
				t.Fatal(err)
			}
		}, "rehearsal.yaml: the file is gone since the plan was made"},
	} {
		t.Run(name, func(t *testing.T) {
			r, person := s.room(slices.Repeat([]string{ceremonytest.AsAsked}, 20)...)
			w, err := build(t.Context(), r, s.plan, s.sums(s.ws)["plan"], "", worldName(s.plan.Ceremony, 10+len(name)))
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			tt.put(w)
			sums := s.sums(w.Workspace)
			person.Paper = map[string]digest.SHA256{"plan": sums["plan"], "room": sums["room"]} // he printed it, too
			err = w.Run(t.Context(), r, preflighttest.Fit)
			ceremonytest.WantError(t, err, fault.CodeOf(err), tt.want)
			for _, asked := range person.Asked {
				if strings.Contains(asked, "PIN") {
					t.Errorf("a PIN was asked for: %q", asked)
				}
			}
		})
	}
}

// TestGoesOn stops in the middle, goes on in the same world, and begins another when it
// has come to its end, when its week is over, or when the plan is another one.
func TestGoesOn(t *testing.T) {
	s := newStage(t)
	r, person := s.room(ceremonytest.AsAsked)
	w := s.open(r)
	person.Paper = map[string]digest.SHA256{"plan": w.Plan, "room": w.Room}
	if err := w.Run(t.Context(), r, preflighttest.Fit); err == nil || !slices.Contains(person.Said, "FAKE next    keyrite rehearse "+s.plan.Ceremony) {
		t.Fatalf("got %v, %q", err, person.Said)
	}
	if quoted, err := Last(s.ws, s.plan.Ceremony); err != nil || quoted.State != "not finished" || quoted.World != w.Name {
		t.Errorf("got %+v, %v", quoted, err)
	}
	again := s.open(r)
	if again.Name != w.Name || !again.Begun || again.Plan != w.Plan || again.Room != w.Room {
		t.Errorf("got %+v, want %+v", again, w)
	}
	person.Answers = slices.Repeat([]string{ceremonytest.AsAsked}, 20)
	if err := again.Run(t.Context(), r, preflighttest.Fit); err != nil {
		t.Fatal(err)
	}
	if quoted, err := Last(s.ws, s.plan.Ceremony); err != nil || quoted.State != "finished" || quoted.Head != person.Paper["head"] {
		t.Errorf("got %+v, %v; want head %s", quoted, err, person.Paper["head"])
	}
	if next := s.open(r); next.Name != worldName(s.plan.Ceremony, 2) || next.Begun {
		t.Errorf("after its end: got %s", next.Name)
	}
	s.now = s.now.Add(life)
	if next := s.open(r); next.Name != worldName(s.plan.Ceremony, 3) {
		t.Errorf("after a week: got %s", next.Name)
	}
}
