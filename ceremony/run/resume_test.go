package run

import (
	"context"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// TestResume interrupts a ceremony in every step, as a crash does, after it has
// done everything but before the transcript says so. Each time a second run
// finishes it.
func TestResume(t *testing.T) { resume(t, newStage(t)) }

// TestResumeReplace does so where files are replaced under their names.
func TestResumeReplace(t *testing.T) {
	s := otaStage(t)
	s.makePlan(plan.Request{Renew: []string{"root", "targets"}})
	resume(t, s)
}

func resume(t *testing.T, s *stage) {
	t.Helper()
	crashed := map[int]*stage{} // after step n
	if err := s.unattended(t.Context(), func(n int) {
		if n > 1 {
			crashed[n-1] = s.copy()
		}
	}); err != nil {
		t.Fatal(err)
	}
	s.finished()
	results := map[plan.Do]transcript.Kind{plan.Generate: "generated", plan.Review: "reviewed", plan.Sign: "signed", plan.Write: "written"}
	for n, c := range crashed {
		step := s.plan.Steps[n-1]
		c.cut(results[step.Do])
		if err := c.unattended(t.Context(), nil); err != nil {
			t.Errorf("crash after step %d (%s): %v", n, step, err)
			continue
		}
		c.finished()
		if step.Do == plan.Sign && c.signatures() != s.signatures() {
			t.Errorf("crash after step %d (%s): %d signatures were asked for, want %d", n, step, c.signatures(), s.signatures())
		}
	}
}

// TestInterrupt cancels a run at the beginning of every step.
func TestInterrupt(t *testing.T) {
	s := newStage(t)
	for n := range s.plan.Steps {
		ctx, cancel := context.WithCancel(t.Context())
		err := s.unattended(ctx, func(step int) {
			if step == n+1 {
				cancel()
			}
		})
		// A step that asks no token comes to its end.
		if err == nil && n+1 < len(s.plan.Steps) {
			t.Errorf("interrupted in step %d: no error", n+1)
		}
		cancel()
	}
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s.finished()
}

// TestPeople runs a ceremony with somebody who reads words from a paper, stops at
// every second question, and goes on.
func TestPeople(t *testing.T) {
	s := newStage(t)
	for stops := 0; ; stops++ {
		if stops > 20 {
			t.Fatal("never comes to its end")
		}
		person, err := s.attended(ceremonytest.AsAsked, ceremonytest.AsAsked, "no")
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "not confirmed") {
			t.Fatalf("stop %d: %v\n%s", stops, err, strings.Join(person.Said, "\n"))
		}
	}
	s.finished()
	resumed, compared := 0, 0
	for _, e := range s.events() {
		switch d := e.Data.(type) {
		case transcript.Resumed:
			resumed++
		case transcript.Compared:
			if want := map[string]int{"plan": 4, "room": 4, "head": 2}[d.What]; len(d.Places) != want {
				t.Errorf("%d words of the %s were asked for, want %d", len(d.Places), d.What, want)
			}
			if d.What == "head" {
				compared++
			}
		}
	}
	if resumed == 0 || compared != resumed {
		t.Errorf("resumed %d times, with words of the head %d times", resumed, compared)
	}
}

// TestConsentLeavesATrace finds question and answer in the transcript, also the
// answer no, and the consent of --yes.
func TestConsentLeavesATrace(t *testing.T) {
	s := newStage(t)
	if _, err := s.attended("no"); err == nil {
		t.Fatal("went on without consent")
	}
	kinds := map[transcript.Kind]int{}
	for _, e := range s.events() {
		kinds[e.Event]++
	}
	if kinds["asked"] != 1 || kinds["declined"] != 1 || kinds["agreed"] != 0 {
		t.Errorf("after a no: %v", kinds)
	}
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	unattended := 0
	for _, e := range s.events() {
		if d, ok := e.Data.(transcript.Unattended); ok && d.Token == "all" {
			unattended++
		}
	}
	if want := 4 + 4; unattended != want { // keys and signatures
		t.Errorf("%d consents of --yes, want %d", unattended, want)
	}
}

// otaStage is a repository in the format ota-ce after its first ceremony: all
// files but the roots have fixed names there.
func otaStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, dir: ceremonytest.Small(t)}
	ota := strings.NewReplacer("format: tuf", "format: ota-ce", "ecdsa-p256", "ed25519")
	ceremonytest.Rewrite(t, s.dir, workspace.TrustFile, ota.Replace)
	s.makePlan(plan.Request{})
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRunReplaces replaces files of fixed names and keeps the old ones.
func TestRunReplaces(t *testing.T) {
	s := otaStage(t)
	old := map[string]string{}
	for _, name := range []string{"targets.json", "snapshot.json", "timestamp.json"} {
		old[name] = ceremonytest.Content(t, s.dir, "image/metadata", name)
	}
	s.makePlan(plan.Request{Renew: []string{"targets"}})
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s.finished()
	for name, want := range old {
		if got := ceremonytest.Content(t, s.dir, s.siteDir(), "replaced", name); got != want {
			t.Errorf("%s: kept\n%s\nwant\n%s", name, got, want)
		}
		if !strings.Contains(ceremonytest.Content(t, s.dir, "image/metadata", name), `"version":2`) {
			t.Errorf("%s is not version 2", name)
		}
	}
}

// TestOnlineTimestamp signs new targets where the key of timestamp is with an
// online service: the ceremony ends though that has not signed yet.
func TestOnlineTimestamp(t *testing.T) {
	s := otaStage(t)
	ceremonytest.Rewrite(t, s.dir, workspace.SiteFile, func(text string) string { return strings.Replace(text, ", timestamp-a: all", "", 1) })
	s.makePlan(plan.Request{Renew: []string{"targets"}})
	if len(s.plan.Elsewhere) != 1 || s.plan.Elsewhere[0].String() != "timestamp is signed elsewhere (timestamp-a): states new files" || ceremonytest.Files(s.plan) != "targets 2, snapshot 2" {
		t.Errorf("signs %s, elsewhere %v", ceremonytest.Files(s.plan), s.plan.Elsewhere)
	}
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
