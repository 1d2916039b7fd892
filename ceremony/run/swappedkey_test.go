package run

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
)

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
