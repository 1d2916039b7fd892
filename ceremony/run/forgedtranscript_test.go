package run

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
)

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
	old := ceremonytest.Content(t, s.dir, s.siteDir(), "transcript.jsonl")
	s.attended(slicesRepeat(1)...)
	ceremonytest.Rewrite(t, s.dir, s.siteDir()+"/transcript.jsonl", func(string) string { return old })
	_, err := s.attended(all()...)
	ceremonytest.WantError(t, err, fault.Unverified, "the head is not the one on your paper")
}

// A transcript that says that everything is done is not believed.
func TestForgedEnd(t *testing.T) {
	s := newStage(t)
	s.forge(0, transcript.Started{Plan: s.paper["plan"]}, transcript.Finished{Repository: "image"})
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Unverified, "says that it is finished, but keys/root-a.yaml is not there\nhint: restore the file from the last bundle, and compare the transcript with the witnesses' papers")
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
	name := s.siteDir() + "/signatures/06-root-root-a.json"
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
		_, err := derive.Make(ceremonytest.Open(t, c.dir), plan.Request{Repository: "image", Now: s.now()})
		if fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "signed") {
			t.Errorf("%s: got %v (code %d)", name, err, fault.CodeOf(err))
		}
	}
	c := s.copy()
	if err := os.RemoveAll(filepath.Join(c.dir, "image")); err != nil {
		t.Fatal(err)
	}
	_, err := derive.Make(ceremonytest.Open(t, c.dir), plan.Request{Repository: "image", Now: s.now()})
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
	if err := abort(c.room(prompt.Nobody(io.Discard)), c.plan.Ceremony, "test", false); err != nil {
		t.Fatal(err)
	}
	request := plan.Request{Repository: "image", Renew: []string{"root"}, Now: c.now()}
	_, err := derive.Make(ceremonytest.Open(t, c.dir), request)
	ceremonytest.WantError(t, err, fault.Refused, "root 2 was signed already ("+c.plan.Ceremony)
	request.Override = "the stick was destroyed before anybody had it"
	made, err := derive.Make(ceremonytest.Open(t, c.dir), request)
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
	_, err := derive.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Now: s.now()})
	ceremonytest.WantError(t, err, fault.Unverified, "that no record in keys/ names, and snapshot-a has no record")
	if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, "keyrite key adopt snapshot-a --token TOKEN") {
		t.Errorf("hints are %s", hints)
	}
	person := &ceremonytest.Person{Answers: all()}
	record, err := custody.AdoptKey(t.Context(), s.room(person), "snapshot-a", "all")
	if err != nil || record.Proof == nil {
		t.Fatalf("got %v, %v", record, err)
	}
	made, err := derive.Make(ceremonytest.Open(t, s.dir), plan.Request{Repository: "image", Now: s.now()})
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
