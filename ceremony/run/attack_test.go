package run

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
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
	for _, name := range []string{s.plan.Dir() + "/transcript.jsonl", "keys/root-a.yaml", "image"} {
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
	if _, err := os.Stat(filepath.Join(s.dir, s.plan.Dir(), transcript.File)); err == nil {
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

// Another public key takes the place of one that goes into root: before the run,
// and while a prompt waits.
func TestSwappedKey(t *testing.T) {
	attacker := ceremonytest.NewSoftware(t)
	swap := func(s *stage, name string) {
		text := strings.Replace(attacker.Read("keys/root-b.yaml"), "name: root-b", "name: "+name, 1)
		if err := os.WriteFile(filepath.Join(s.dir, "keys", name+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("while a prompt waits", func(t *testing.T) {
		s := newStage(t)
		s.attendedWhile(func(text string) {
			if strings.HasPrefix(text, "sign root 1") {
				swap(s, "snapshot-a")
			}
		}, all()...)
		root := ceremonytest.Content(t, s.dir, "image/metadata/1.root.json")
		if public := publicHex(t, attacker, "root-b"); strings.Contains(root, public) {
			t.Error("the attacker's key is in root")
		}
	})
	t.Run("between two runs", func(t *testing.T) {
		s := newStage(t)
		if _, err := s.attended(slicesRepeat(4)...); err == nil { // the four keys
			t.Fatal("came to its end")
		}
		swap(s, "snapshot-a")
		_, err := s.attended(all()...)
		ceremonytest.WantError(t, err, fault.Unverified, "keys/snapshot-a.yaml holds another key than this ceremony generated")
	})
	t.Run("between two runs, with the transcript forged", func(t *testing.T) {
		s := newStage(t)
		if _, err := s.attended(slicesRepeat(4)...); err == nil {
			t.Fatal("came to its end")
		}
		swap(s, "snapshot-a")
		print, err := digest.Parse(ceremonytest.Fingerprint(t, "root-b"))
		if err != nil {
			t.Fatal(err)
		}
		step := stepOf(s.plan, plan.Generate, "snapshot-a")
		s.forge(step.Step, transcript.Generated{Key: "snapshot-a", Fingerprint: print})
		const want = "keys/snapshot-a.yaml is of a key that token all does not have"
		ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Token, want)
		_, err = s.attended(all()...)
		if err == nil { // its words of the head are the attacker's
			t.Error("an attacker's key went into root")
		}
		if _, err := os.Stat(filepath.Join(s.dir, "image/metadata/1.root.json")); err == nil {
			t.Error("root was signed")
		}
	})
}

// Of another type it would not be what the plan says, whoever has it.
func TestSwappedType(t *testing.T) {
	s := newStage(t)
	if _, err := s.attended(slicesRepeat(4)...); err == nil {
		t.Fatal("came to its end")
	}
	text := strings.Replace(ceremonytest.NewSoftware(t).Read("keys/root-b.yaml"), "name: root-b", "name: targets-a", 1)
	ceremonytest.Rewrite(t, s.dir, "keys/targets-a.yaml", func(string) string { return text })
	print, err := digest.Parse(ceremonytest.Fingerprint(t, "root-b"))
	if err != nil {
		t.Fatal(err)
	}
	s.forge(stepOf(s.plan, plan.Generate, "targets-a").Step, transcript.Generated{Key: "targets-a", Fingerprint: print})
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Unverified, "keys/targets-a.yaml has a key of type ed25519, want ecdsa-p256")
}

func slicesRepeat(n int) []string { return all()[:n] }

func publicHex(t *testing.T, s *ceremonytest.Software, name string) string {
	t.Helper()
	return strings.TrimPrefix(strings.ToLower(fmt.Sprintf("%x", ceremonytest.Key(name).Public())), "0x")
}

func stepOf(p *plan.Plan, do plan.Do, key string) plan.Step {
	for _, s := range p.Steps {
		if s.Do == do && s.Key == key {
			return s
		}
	}
	return plan.Step{}
}

// A record under another name is not that key's: the root key would sign a
// snapshot.
func TestRenamedKey(t *testing.T) {
	s := newStage(t)
	_, err := s.attendedWhile(func(text string) {
		if strings.HasPrefix(text, "sign snapshot 1") {
			data := strings.Replace(ceremonytest.Content(t, s.dir, "keys/root-a.yaml"), "name: root-a", "name: snapshot-a", 1)
			if err := os.WriteFile(filepath.Join(s.dir, "keys/snapshot-a.yaml"), []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}, all()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.events() {
		if d, ok := e.Data.(transcript.Signed); ok && d.Role == "snapshot" {
			for _, g := range s.events() {
				if made, ok := g.Data.(transcript.Generated); ok && made.Key == "root-a" && made.Fingerprint == d.Fingerprint {
					t.Error("the root key signed a snapshot")
				}
			}
		}
	}
}

// A forged transcript says that everything was reviewed and agreed to: nothing is
// signed without being shown and asked for again.
func TestForgedConsent(t *testing.T) {
	s := newStage(t)
	if _, err := s.attended(slicesRepeat(4)...); err == nil {
		t.Fatal("came to its end")
	}
	for _, step := range s.plan.Steps {
		switch step.Do {
		case plan.Review:
			s.forge(step.Step, transcript.Reviewed{Role: step.Role, Version: step.Version})
		case plan.Sign:
			s.forge(step.Step, transcript.Asked{Phrase: "x"}, transcript.Agreed{Phrase: "x"})
		}
	}
	// The words of the head are those of the last stop, which the forged lines
	// come after: the witness's paper does not find them. Consent does.
	person, err := s.attended("no")
	if err == nil || s.signatures() != 0 {
		t.Errorf("signed %d times, %v", s.signatures(), err)
	}
	if last := person.Asked[len(person.Asked)-1]; !strings.HasPrefix(last, "sign root 1 ") {
		t.Errorf("asked %q", person.Asked)
	}
}

// An older transcript is put in the place of the one whose head is on paper.
func TestRolledBackTranscript(t *testing.T) {
	s := newStage(t)
	s.attended(slicesRepeat(1)...)
	old := ceremonytest.Content(t, s.dir, s.plan.Dir(), "transcript.jsonl")
	s.attended(slicesRepeat(1)...)
	ceremonytest.Rewrite(t, s.dir, s.plan.Dir()+"/transcript.jsonl", func(string) string { return old })
	_, err := s.attended(all()...)
	ceremonytest.WantError(t, err, fault.Unverified, "the head is not the one on your paper")
}

// A transcript that says that everything is done is not believed.
func TestForgedEnd(t *testing.T) {
	s := newStage(t)
	s.forge(0, transcript.Started{Plan: s.paper["plan"]}, transcript.Finished{Repository: "image"})
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Unverified, "says that it is finished, but keys/root-a.yaml is not there")
}

// The transcript of another plan lies in the folder of this one.
func TestAnotherPlansTranscript(t *testing.T) {
	s := newStage(t)
	s.forge(0, transcript.Started{Plan: digest.Of([]byte("another"))})
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Unverified, "the transcript belongs to another plan")
}

// A signature file is exchanged between two runs.
func TestSwappedSignature(t *testing.T) {
	s := newStage(t)
	name := s.plan.Dir() + "/signatures/06-root-root-a.json"
	for what, change := range map[string]func(string) string{
		"another signature": func(text string) string {
			return regexp.MustCompile(`"signature":"[^"]*"`).ReplaceAllString(text, `"signature":"`+strings.Repeat("A", 86)+`=="`)
		},
		"of another role":     strings.NewReplacer(`"root"`, `"targets"`).Replace,
		"by another key":      regexpReplace(`"fingerprint":"[0-9a-f]`, `"fingerprint":"x`),
		"of other bytes":      regexpReplace(`"sha256":"[0-9a-f]{4}`, `"sha256":"0000`),
		"in another spelling": func(text string) string { return text + "\n" },
	} {
		t.Run(what, func(t *testing.T) {
			s := newStage(t)
			if _, err := s.attended(slicesRepeat(5)...); err == nil { // four keys, root
				t.Fatal("came to its end")
			}
			ceremonytest.Rewrite(t, s.dir, name, change)
			// root.json is in place by now; take it away, so that it is made again.
			os.Remove(filepath.Join(s.dir, "image/metadata/1.root.json"))
			s.cut("writing")
			err := s.unattended(t.Context(), nil)
			ceremonytest.WantError(t, err, fault.Unverified, "signatures/06-root-root-a.json: ")
		})
	}
}

func regexpReplace(pattern, with string) func(string) string {
	return func(text string) string { return regexp.MustCompile(pattern).ReplaceAllString(text, with) }
}

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
		{"transcript", "review targets 1", s.plan.Dir() + "/transcript.jsonl", "transcript.jsonl"},
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
			aborted = Abort(s.room(nil), s.plan.Ceremony, "test")
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
	made, err := plan.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Reason: "another", Now: s.now()})
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

// timestamp.json is deleted: version 1 was signed again after 3.
func TestForgottenVersion(t *testing.T) {
	s := newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"timestamp.json", "1.targets.json", "1.snapshot.json"} {
		c := s.copy()
		if err := os.Remove(filepath.Join(c.dir, "image/metadata", name)); err != nil {
			t.Fatal(err)
		}
		_, err := plan.Make(ceremonytest.Open(t, c.dir), plan.Request{Repository: "image", Now: s.now()})
		if fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "signed") {
			t.Errorf("%s: got %v (code %d)", name, err, fault.CodeOf(err))
		}
	}
	c := s.copy()
	if err := os.RemoveAll(filepath.Join(c.dir, "image")); err != nil {
		t.Fatal(err)
	}
	_, err := plan.Make(ceremonytest.Open(t, c.dir), plan.Request{Repository: "image", Now: s.now()})
	ceremonytest.WantError(t, err, fault.Unverified, "there is no root, but ceremony 2026-11-23-image-1 signed version 1 of it")
}

// A version that was signed and not put in place is passed over; root's cannot
// be, and a person has to say why it is signed again.
func TestBurntVersion(t *testing.T) {
	s := newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s.makePlan(plan.Request{Renew: []string{"root", "targets"}})
	if _, err := s.attended(slicesRepeat(1)...); err == nil { // root 2 is signed and in place
		t.Fatal("came to its end")
	}
	c := s.copy()
	os.Remove(filepath.Join(c.dir, "image/metadata/2.root.json"))
	c.cut("writing")
	if err := Abort(c.room(nil), c.plan.Ceremony, "test"); err != nil {
		t.Fatal(err)
	}
	request := plan.Request{Repository: "image", Renew: []string{"root"}, Now: c.now()}
	_, err := plan.Make(ceremonytest.Open(t, c.dir), request)
	ceremonytest.WantError(t, err, fault.Refused, "root 2 was signed already ("+c.plan.Ceremony)
	request.Override = "the stick was destroyed before anybody had it"
	made, err := plan.Make(ceremonytest.Open(t, c.dir), request)
	if err != nil || made.Plan.Files[0].Version != 2 {
		t.Errorf("with a reason: got %v, %v", made, err)
	}
}

// The record of a key that the signed root lists is taken away: that is no
// rotation.
func TestLostRecord(t *testing.T) {
	s := newStage(t)
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.dir, "keys/snapshot-a.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err := plan.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Now: s.now()})
	ceremonytest.WantError(t, err, fault.Unverified, "that no record in keys/ names, and snapshot-a has no record")
	if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, "keyrite key adopt snapshot-a --token TOKEN") {
		t.Errorf("hints are %s", hints)
	}
	person := &ceremonytest.Person{Answers: all()}
	record, err := custody.AdoptKey(t.Context(), s.room(person), "snapshot-a", "all")
	if err != nil || record.Proof == nil {
		t.Fatalf("got %v, %v", record, err)
	}
	made, err := plan.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Now: s.now()})
	if err != nil || made.Plan != nil {
		t.Errorf("after it: %v, %v", made.Plan, err)
	}
}

// An id in a forged intent is another key's: it is neither adopted nor destroyed.
func TestForgedIntent(t *testing.T) {
	s := newStage(t)
	if _, err := s.attended(slicesRepeat(1)...); err == nil { // root-a is there
		t.Fatal("came to its end")
	}
	var victim transcript.Generating
	for _, e := range s.events() {
		if d, ok := e.Data.(transcript.Generating); ok && d.Key == "root-a" {
			victim = d
		}
	}
	step := stepOf(s.plan, plan.Generate, "targets-a")
	s.forge(step.Step, transcript.Generating{Key: "targets-a", Type: hsm.ECDSAP256, Token: victim.Token, ID: victim.ID})
	_, err := s.attended(all()...)
	ceremonytest.WantError(t, err, fault.Unverified, `but the token has key "root-a" under it`)
	keys, err := custody.TokenKeys(t.Context(), s.room(&ceremonytest.Person{}), "all")
	if err != nil || len(keys) != 1 || keys[0].Label() != "root-a" {
		t.Errorf("the token has %v, %v", keys, err)
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
		r := &Run{Room: s.room(nil), Yes: true, PlanSHA256: s.paper["plan"], RoomSHA256: s.paper["room"]}
		r.Now = func() time.Time { return s.plan.Created.Add(after) }
		err := r.Ceremony(t.Context(), s.plan.Ceremony)
		ceremonytest.WantError(t, err, fault.Refused, want)
		s.wantUntouched(err)
	}
}
