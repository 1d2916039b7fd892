package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// destroyStage is before a ceremony in which timestamp-b takes the place of
// timestamp-a, which is destroyed. There is a second token.
func destroyStage(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	site, err := ceremonytest.Open(t, s.dir).Site()
	if err != nil {
		t.Fatal(err)
	}
	all, err := site.Token("all")
	if err != nil {
		t.Fatal(err)
	}
	other := hsmtest.AddToken(t, all.Module, "other")
	line := `  other: {module: soft, uri: "` + other.String() + `", pin: "file:` + s.dir + `/pin"}` + "\n"
	ceremonytest.Rewrite(t, s.dir, workspace.SiteFile, func(text string) string {
		return strings.NewReplacer("keys: {", line+"keys: {timestamp-b: all, ").Replace(text)
	})
	ceremonytest.Rewrite(t, s.dir, workspace.TrustFile, strings.NewReplacer("timestamp-a: {", "timestamp-b: {", "[timestamp-a]", "[timestamp-b]").Replace)
	s.makePlan(plan.Request{Destroy: []string{"timestamp-a"}})
	return s
}

// labels are those of the keys on a token.
func (s *stage) labels() (list []string) {
	s.t.Helper()
	keys, err := custody.TokenKeys(s.t.Context(), s.room(&ceremonytest.Person{}), "all")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, key := range keys {
		list = append(list, key.Label())
	}
	return list
}

// interrupted is the stage after a run that was killed when the token had
// destroyed the key.
func (s *stage) interrupted() (destroyed *stage, step int) {
	s.t.Helper()
	if _, err := s.attended(all()...); err != nil {
		s.t.Fatal(err)
	}
	s.finished()
	s.cut("destroyed")
	for _, e := range s.events() {
		if _, ok := e.Data.(transcript.Checkpoint); ok {
			s.paper["head"] = e.Hash
		}
	}
	return s, stepOf(s.plan, plan.Destroy, "timestamp-a").Step
}

// TestDestroy destroys the key after the phrase, and finds after a crash that it
// is gone, without a question but those for the paper.
func TestDestroy(t *testing.T) {
	s := destroyStage(t)
	before := s.copy()
	person, err := before.attended(append(slicesRepeat(3), "no")...)
	if err == nil || len(before.labels()) != 5 {
		t.Errorf("without consent: %v, the token has %q, asked %q", err, before.labels(), person.Asked)
	}
	ceremonytest.WantError(t, before.unattended(t.Context(), nil), fault.Refused, "--yes: destroying a key always asks a person")
	if len(before.labels()) != 5 {
		t.Errorf("with --yes the token has %q", before.labels())
	}
	s, _ = s.interrupted()
	person, err = s.attended()
	if err != nil || len(person.Asked) != 0 || !strings.Contains(strings.Join(person.Said, "\n"), "Key timestamp-a is gone from the token already") {
		t.Errorf("got %v, asked %q, said %q", err, person.Asked, person.Said)
	}
	s.finished()
	if labels := strings.Join(s.labels(), " "); strings.Contains(labels, "timestamp-a") || len(s.labels()) != 4 {
		t.Errorf("the token has %s", labels)
	}
}

// TestDestroyedElsewhere resumes the destruction on another token, on which the
// key was never to be found, and with an intent of another key.
func TestDestroyedElsewhere(t *testing.T) {
	t.Run("another token", func(t *testing.T) {
		s, _ := destroyStage(t).interrupted()
		ceremonytest.Rewrite(t, s.dir, workspace.SiteFile, func(text string) string {
			return strings.Replace(text, "timestamp-a: all", "timestamp-a: other", 1)
		})
		_, err := s.attended(all()...)
		if err == nil {
			t.Fatal("the paper is of another room")
		}
		site, err := ceremonytest.Open(t, s.dir).Site()
		if err != nil {
			t.Fatal(err)
		}
		err = s.onOther(site)
		ceremonytest.WantError(t, err, fault.Token, "key timestamp-a: its destruction began on the token with serial")
	})
	t.Run("another token, never begun", func(t *testing.T) {
		s := destroyStage(t)
		ceremonytest.Rewrite(t, s.dir, workspace.SiteFile, func(text string) string {
			return strings.Replace(text, "timestamp-a: all", "timestamp-a: other", 1)
		})
		site, err := ceremonytest.Open(t, s.dir).Site()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.onOther(site); !errors.Is(err, hsm.ErrKeyNotFound) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("another key's intent", func(t *testing.T) {
		s, step := destroyStage(t).interrupted()
		intent, _ := lastOf[transcript.Destroying](s)
		intent.Fingerprint = digest.Of(nil)
		s.forge(step, intent)
		_, err := s.attended(all()...)
		if err == nil || len(s.labels()) != 4 {
			t.Errorf("got %v, the token has %q", err, s.labels())
		}
	})
	t.Run("another key's id", func(t *testing.T) {
		s, step := destroyStage(t).interrupted()
		intent, _ := lastOf[transcript.Destroying](s)
		victim, _ := lastOf[transcript.Generating](s)
		intent.ID = victim.ID
		s.forge(step, intent)
		_, err := s.attended(all()...)
		ceremonytest.WantError(t, err, fault.Unverified, "but the token has another key under it")
		if len(s.labels()) != 4 {
			t.Errorf("the token has %q", s.labels())
		}
	})
}

// onOther runs the destruction alone, in a room that people have compared.
func (s *stage) onOther(site *workspace.Site) error {
	s.t.Helper()
	r := s.room(&ceremonytest.Person{Answers: all()})
	ws := r.Workspace
	now, err := scene.Read(ws, "image", s.now())
	if err != nil {
		s.t.Fatal(err)
	}
	t, err := transcript.Open(ws.Folder, s.siteDir(), s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	defer t.Close()
	m := &machine{Run: &Run{Room: r}, plan: s.plan, scene: now, site: site, transcript: t}
	return m.destroy(s.t.Context(), stepOf(s.plan, plan.Destroy, "timestamp-a"))
}

func lastOf[T transcript.Data](s *stage) (found T, ok bool) {
	for _, e := range s.events() {
		if d, is := e.Data.(T); is {
			found, ok = d, true
		}
	}
	return found, ok
}
