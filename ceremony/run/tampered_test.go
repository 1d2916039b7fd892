package run

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// What a step wrote is changed before the next run.
func TestTamperBetweenRuns(t *testing.T) {
	s := newStage(t)
	before := map[string]*stage{} // as it was before a step
	if err := s.unattended(t.Context(), func(n int) { before[s.plan.Steps[n-1].String()] = s.copy() }); err != nil {
		t.Fatal(err)
	}
	addLine := func(text string) string { return text + "\n" }
	for _, tt := range []struct {
		name, at, file string
		want           string
	}{
		{"public key", "review root 1", "keys/root-a.yaml", "keys/root-a.yaml"},
		{"root", "review targets 1", "image/metadata/1.root.json", "1.root.json"},
		{"root's signatures", "review targets 1", "image/metadata/1.root.json", "1.root.json: 0 of 1 signatures that role root needs"},
		{"trust", "sign root 1 with root-a", workspace.TrustFile, "trust.yaml has changed"},
		{"transcript", "review targets 1", s.siteDir() + "/transcript.jsonl", "transcript.jsonl"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := before[tt.at].copy()
			change := addLine
			if tt.name == "root" {
				change = strings.NewReplacer("2027-11-23", "2037-11-23").Replace
			}
			if tt.name == "root's signatures" {
				change = regexpReplace(`"signatures":\[[^]]*\]`, `"signatures":[]`)
			}
			if tt.name == "public key" {
				change = strings.NewReplacer("name: root-a", "name: root-b").Replace
			}
			ceremonytest.Rewrite(t, c.dir, tt.file, change)
			ceremonytest.WantError(t, c.unattended(t.Context(), nil), fault.Unverified, tt.want)
			if _, err := os.Stat(filepath.Join(c.dir, "image/metadata/1.targets.json")); err == nil {
				t.Error("the run went on")
			}
		})
	}
}

// What a ceremony has made is taken away, or something lies in the way of what it
// has yet to make, when it goes on.
func TestGoneAndStrange(t *testing.T) {
	s := newStage(t)
	before := map[string]*stage{}
	if err := s.unattended(t.Context(), func(n int) { before[s.plan.Steps[n-1].String()] = s.copy() }); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ at, gone, strange, want string }{
		{"review root 1", "keys/targets-a.yaml", "", "keys/targets-a.yaml is gone since this ceremony wrote it"},
		{"review targets 1", "image/metadata/1.root.json", "", "image/metadata/1.root.json is gone since this ceremony wrote it"},
		{"generate targets-a (ecdsa-p256)", "", "keys/timestamp-a.yaml", "keys/timestamp-a.yaml is there already, but not from this ceremony"},
		{"sign root 1 with root-a", "", "image/metadata/1.root.json", "image/metadata/1.root.json is there already, but not from this ceremony"},
		{"review targets 1", "", "image/metadata/2.root.json", "image/metadata/2.root.json is there already, but not from this ceremony"},
	} {
		t.Run(tt.at+" "+tt.gone+tt.strange, func(t *testing.T) {
			c := before[tt.at].copy()
			if tt.gone != "" {
				if err := os.Remove(filepath.Join(c.dir, tt.gone)); err != nil {
					t.Fatal(err)
				}
			} else {
				from := map[bool]string{true: "keys/timestamp-a.yaml", false: "image/metadata/1.root.json"}[strings.HasPrefix(tt.strange, "keys")]
				ceremonytest.MakeDir(t, filepath.Dir(filepath.Join(c.dir, tt.strange)))
				if err := os.WriteFile(filepath.Join(c.dir, tt.strange), []byte(ceremonytest.Content(t, s.dir, from)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			signatures := c.signatures()
			ceremonytest.WantError(t, c.unattended(t.Context(), nil), fault.Unverified, tt.want)
			if c.signatures() != signatures {
				t.Error("a token was asked")
			}
		})
	}
}

// A file is changed, or one is added, when everything is signed and only the
// verification is left: what it verified is not what lies there.
func TestTamperBeforeVerify(t *testing.T) {
	for want, tamper := range map[string]func(dir string){
		"image/metadata/1.targets.json has changed since this ceremony read or wrote it": func(dir string) {
			ceremonytest.Rewrite(t, dir, "1.targets.json", func(text string) string { return text + "\n" })
		},
		"image/metadata/timestamp.json has changed since this ceremony read or wrote it": func(dir string) {
			if err := os.Remove(filepath.Join(dir, "timestamp.json")); err != nil {
				t.Fatal(err)
			}
		},
		"image/metadata/2.root.json is there already": func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, "2.root.json"), []byte("{}"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		s := newStage(t)
		err := s.unattended(t.Context(), func(n int) {
			if s.plan.Steps[n-1].Do == plan.Verify {
				tamper(filepath.Join(s.dir, "image/metadata"))
			}
		})
		ceremonytest.WantError(t, err, fault.Unverified, want)
	}
}

// Another timestamp.json is put in place, as an online service could, between
// the plan and the moment at which it would be replaced.
func TestRunReplacesOther(t *testing.T) {
	s := otaStage(t)
	s.makePlan(plan.Request{Renew: []string{"timestamp"}})
	const name = "image/metadata/timestamp.json"
	err := s.unattended(t.Context(), func(step int) {
		if s.plan.Steps[step-1].Do == plan.Write {
			ceremonytest.Rewrite(t, s.dir, name, func(old string) string { return old + "\n" })
		}
	})
	if fault.CodeOf(err) != fault.Unverified {
		t.Errorf("got %v (code %d)", err, fault.CodeOf(err))
	}
	if got := ceremonytest.Content(t, s.dir, name); !strings.HasSuffix(got, "\n") || !strings.Contains(got, `"version":1`) {
		t.Errorf("it was replaced all the same, by %s", got)
	}
}

// Two ceremonies of one repository at once, and a bundle during one.
func TestOneAtATime(t *testing.T) {
	s := newStage(t)
	var second, aborted error
	if err := s.unattended(t.Context(), func(n int) {
		if n == 3 {
			second = s.unattended(t.Context(), nil)
			aborted = abort(s.room(prompt.Nobody(io.Discard)), s.plan.Ceremony, "test", false)
		}
	}); err != nil {
		t.Fatal(err)
	}
	ceremonytest.WantError(t, second, fault.Failed, "repository image: another keyrite is at work on it")
	ceremonytest.WantError(t, aborted, fault.Failed, "another keyrite is at work on it")
}

// Two plans of one state: the second would sign second files of version 1.
func TestOvertaken(t *testing.T) {
	s := newStage(t)
	first := *s
	made, err := derive.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Reason: "another", Now: s.now()})
	if err != nil {
		t.Fatal(err)
	}
	second := *s
	second.plan, second.paper = made.Plan, map[string]digest.SHA256{"plan": made.SHA256, "room": made.Room}
	if _, err := first.attended(slicesRepeat(1)...); err == nil {
		t.Fatal("came to its end")
	}
	ceremonytest.WantError(t, second.unattended(t.Context(), nil), fault.Refused, "ceremony 2026-11-23-image-1 is under way")
	if err := first.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err = second.unattended(t.Context(), nil)
	if code := fault.CodeOf(err); code != fault.Unverified && code != fault.Refused {
		t.Errorf("got %v (code %d)", err, code)
	}
}

// A clock that is wrong by a day, and an expiry that has passed.
func TestWrongClock(t *testing.T) {
	s := newStage(t)
	for after, want := range map[time.Duration]string{
		-24 * time.Hour:      "the clock says 2026-11-22",
		-61 * time.Second:    "the clock says",
		14 * 24 * time.Hour:  "would be expired already",
		400 * 24 * time.Hour: "would be expired already",
	} {
		r := &Run{Room: s.room(nil), Inspect: s.inspect, Yes: true, PlanSHA256: s.paper["plan"], RoomSHA256: s.paper["room"]}
		r.Now = func() time.Time { return s.plan.Created.Add(after) }
		err := r.Ceremony(t.Context(), s.plan.Ceremony)
		ceremonytest.WantError(t, err, fault.Refused, want)
		s.wantUntouched(err)
	}
}
