package run

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// These are the attacks of somebody who has the disk: before a run, between two
// runs, or while a prompt waits. People answer everything as they are asked, by
// the paper that they printed before. Each attack must end before a token has
// signed anything for it.

// edited is the plan, edited after it was printed.
func TestEditedPlan(t *testing.T) {
	for name, edit := range map[string]*strings.Replacer{
		"another expiry":       strings.NewReplacer("2027-11-23", "2099-11-23"),
		"no verification":      strings.NewReplacer("verify", "review"),
		"another path":         strings.NewReplacer("path: image/metadata/1.root.json", "path: trust.yaml"),
		"no inputs":            strings.NewReplacer("inputs:\n", "inputs: []\nignored:\n"),
		"another reason":       strings.NewReplacer("reason: test", "reason: tost"),
		"a comment":            strings.NewReplacer("version: 1\n", "version: 1 # x\n"),
		"another room":         strings.NewReplacer("root-a: all", "root-a: other"),
		"fewer findings":       regexpReplacer(t, `(?s)findings:.*\nfiles:`, "files:"),
		"another input's hash": regexpReplacer(t, `trust.yaml\n( +)sha256: \w`, "trust.yaml\n${1}sha256: 0"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			ceremonytest.Rewrite(t, s.dir, s.plan.Dir()+"/plan.yaml", edit.Replace)
			_, err := s.attended(all()...)
			if err == nil {
				t.Fatal("it was run")
			}
			if again := s.unattended(t.Context(), nil); again == nil {
				t.Fatal("it was run without people")
			}
			s.wantUntouched(err)
		})
	}
}

// A plan that is edited and whose hash happens to be on no paper is refused even
// by somebody who would type anything: it does not follow from its inputs.
func TestEditedPlanIsDerivedAgain(t *testing.T) {
	s := newStage(t)
	ceremonytest.Rewrite(t, s.dir, s.plan.Dir()+"/plan.yaml", strings.NewReplacer("2027-11-23", "2099-11-23").Replace)
	_, s.paper["plan"], _ = plan.Read(ceremonytest.Open(t, s.dir), s.plan.Ceremony)
	err := s.unattended(t.Context(), nil)
	ceremonytest.WantError(t, err, fault.Unverified, "is not what follows from its inputs: files differ")
	s.wantUntouched(err)
}

func regexpReplacer(t *testing.T, pattern, with string) *strings.Replacer {
	t.Helper()
	s := newStage(t)
	text := ceremonytest.Content(t, s.dir, s.plan.Dir(), "plan.yaml")
	match := regexp.MustCompile(pattern).FindString(text)
	if match == "" {
		return strings.NewReplacer("steps:", "steeps:") // nothing of the kind in it: any edit
	}
	return strings.NewReplacer(match, regexp.MustCompile(pattern).ReplaceAllString(match, with))
}

// wantUntouched demands that a refused run left nothing: no transcript, no keys,
// no metadata.
func (s *stage) wantUntouched(err error) {
	s.t.Helper()
	for _, name := range []string{s.siteDir() + "/transcript.jsonl", "keys/root-a.yaml", "image"} {
		if _, statErr := os.Stat(filepath.Join(s.dir, name)); statErr == nil {
			s.t.Errorf("%s is there after %v", name, err)
		}
	}
}

// site.yaml names another module, which would get the PIN.
func TestEditedRoom(t *testing.T) {
	s := newStage(t)
	ceremonytest.Rewrite(t, s.dir, workspace.SiteFile, func(text string) string { return text + "# other\n" })
	_, err := s.attended(all()...)
	ceremonytest.WantError(t, err, fault.Unverified, "the room is not the one on your paper")
	s.wantUntouched(err)
	err = s.unattended(t.Context(), nil)
	ceremonytest.WantError(t, err, fault.Unverified, "site.yaml is not the one that was reviewed")
	s.wantUntouched(err)
}

func TestYesNeedsHashes(t *testing.T) {
	s := newStage(t)
	room := s.paper["room"]
	s.paper["room"] = digest.SHA256{}
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Usage, "--yes needs --room-sha256")
	s.paper["room"], s.paper["plan"] = room, digest.SHA256{}
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Usage, "--yes needs --plan-sha256")
	s.paper["plan"] = digest.Of([]byte("another"))
	err := s.unattended(t.Context(), nil)
	ceremonytest.WantError(t, err, fault.Unverified, "plan.yaml is not the one that was reviewed")
	s.wantUntouched(err)
}

// What a plan was derived from has changed since.
func TestChangedInput(t *testing.T) {
	s := newStage(t)
	ceremonytest.Rewrite(t, s.dir, workspace.TrustFile, func(text string) string { return text + "# changed\n" })
	err := s.unattended(t.Context(), nil)
	ceremonytest.WantError(t, err, fault.Unverified, "trust.yaml has changed since the plan was made")
	s.wantUntouched(err)
}

// A file is dropped beside the metadata while a prompt waits: snapshot and
// timestamp were signed over targets version 1073741823.
func TestDroppedFile(t *testing.T) {
	s := newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s.makePlan(plan.Request{Renew: []string{"targets"}})
	const dropped = "image/metadata/1073741823.targets.json"
	drop := func() {
		data := ceremonytest.Content(t, s.dir, "image/metadata/1.targets.json")
		if err := os.WriteFile(filepath.Join(s.dir, dropped), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := s.copy()
	_, err := s.attendedWhile(func(text string) {
		if strings.HasPrefix(text, "sign targets 2") {
			drop()
		}
	}, all()...)
	ceremonytest.WantError(t, err, fault.Unverified, dropped+" is there already, but not from this ceremony")
	if snapshot := ceremonytest.Content(t, s.dir, "image/metadata/2.snapshot.json"); !strings.Contains(snapshot, `"targets.json":{`) || strings.Contains(snapshot, "1073741823") {
		t.Errorf("snapshot is %s", snapshot)
	}
	s = before
	drop()
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Unverified, dropped+" is there already")
	s.wantNotBegun()
}

// wantNotBegun demands that a refused run has no transcript.
func (s *stage) wantNotBegun() {
	s.t.Helper()
	if _, err := os.Stat(filepath.Join(s.dir, s.siteDir(), transcript.File)); err == nil {
		s.t.Error("the ceremony has begun")
	}
}

// What a ceremony is to make lies there before it begins: a token would make a key
// in vain, or a file would be taken for the ceremony's own.
func TestOutputThere(t *testing.T) {
	for _, name := range []string{"keys/targets-a.yaml", "image/metadata/1.root.json", "image/metadata/timestamp.json"} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			ceremonytest.MakeDir(t, filepath.Dir(filepath.Join(s.dir, name)))
			if err := os.WriteFile(filepath.Join(s.dir, name), []byte("{}"), 0o600); err != nil {
				t.Fatal(err)
			}
			err := s.unattended(t.Context(), nil)
			ceremonytest.WantError(t, err, fault.Unverified, name+" is there already, but not from this ceremony")
			s.wantNotBegun()
		})
	}
}
