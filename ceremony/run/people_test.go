package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// withPeople is a stage whose trust.yaml wants an administrator and a witness.
func withPeople(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, dir: ceremonytest.Small(t)}
	ceremonytest.Rewrite(t, s.dir, "trust.yaml", func(text string) string {
		return strings.Replace(text, "fleet: small\n", "fleet: small\npeople: {administrator: 1, witnesses: 1}\n", 1)
	})
	s.makePlan(plan.Request{})
	return s
}

// meet runs the plan with people who answer some questions like this.
func (s *stage) meet(answers []string, instead func(question string) (string, bool)) (*ceremonytest.Person, error) {
	s.t.Helper()
	person := &ceremonytest.Person{Answers: answers, Paper: s.paper, Instead: instead}
	r := &Run{Room: s.room(person), Inspect: s.inspect}
	return person, r.Ceremony(s.t.Context(), s.plan.Ceremony)
}

// nobody leaves parts open.
func nobody(parts ...string) func(string) (string, bool) {
	return func(question string) (string, bool) {
		return "", slices.ContainsFunc(parts, func(part string) bool { return question == "Name of "+part+": " })
	}
}

// TestRollCall refuses a ceremony without its people, before anything is done, and
// leaves nothing behind.
func TestRollCall(t *testing.T) {
	s := withPeople(t)
	for part, want := range map[string]string{"internal witness": "people.witnesses is 0 present, want 1", "administrator": "people.administrator is 0 present, want 1"} {
		_, err := s.meet(all(), nobody(part))
		ceremonytest.WantError(t, err, fault.Refused, want)
		if _, err := os.Stat(filepath.Join(s.dir, s.plan.Dir(), "main")); err == nil {
			t.Errorf("without %s: something was left behind", part)
		}
	}
	_, err := s.meet(all(), nobody("b"))
	ceremonytest.WantError(t, err, fault.Incomplete, "step 2, generate targets-a (ecdsa-p256): b is not here"+ceremonytest.Hinted+"wait for them and run it again")
	if _, err := s.meet(all(), nil); err != nil {
		t.Fatal(err)
	}
	s.finished()
	seen := map[string]string{}
	for _, e := range s.events() {
		switch d := e.Data.(type) {
		case transcript.Arrived:
			seen[d.Part] = d.Name
		case transcript.Asked:
			if d.Name != "Holder of "+d.Who {
				t.Errorf("asked %+v", d)
			}
		case transcript.Agreed:
			if !strings.HasPrefix(e.Actor, "Holder of ") {
				t.Errorf("%s agreed", e.Actor)
			}
		case transcript.Equipped:
			if len(d.Tokens) != 1 || !d.Tokens[0].Here || d.Tokens[0].Serial == "" {
				t.Errorf("equipment %+v", d)
			}
		}
	}
	if len(seen) != 6 || seen["internal witness"] == "" || seen["a"] != "Holder of a" {
		t.Errorf("the roll is %v", seen)
	}
}

// TestWaivedPeople goes on without those whom a waiver spares.
func TestWaivedPeople(t *testing.T) {
	s := withPeople(t)
	ceremonytest.Rewrite(t, s.dir, "trust.yaml", func(text string) string {
		return text + "      - {check: PEOPLE-PRESENT, reason: test, person: test}\n"
	})
	s.makePlan(plan.Request{})
	if _, err := s.meet(all(), nobody("internal witness", "administrator")); err != nil {
		t.Fatal(err)
	}
	s.finished()
}

// TestNamesFromFile takes the names that people.yaml has, and nothing else from it.
func TestNamesFromFile(t *testing.T) {
	s := withPeople(t)
	file := filepath.Join(s.dir, "people.yaml")
	if err := os.WriteFile(file, []byte("version: 1\npeople:\n  - {part: administrator, name: Ada}\n  - {part: A, name: Ben}\n  - {part: administratr, name: Cleo}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	person, err := s.meet(nil, nil)
	if err == nil {
		t.Fatal("nobody agreed, and it came to its end")
	}
	if said := strings.Join(person.Said, "\n"); !strings.Contains(said, "administrator     Ada") || !strings.Contains(said, "a                 Ben") ||
		!strings.Contains(said, `people.yaml:5: people[2].part is "administratr", a part that trust.yaml does not have; it is not used; did you mean`) || strings.Contains(said, "Cleo") {
		t.Errorf("said %s", said)
	}
	for names, want := range map[string]string{
		`{part: administrator, name: ""}`: `people[0].name is "", want one line of at most 200 characters`,
	} {
		if err := os.WriteFile(file, []byte("version: 1\npeople: ["+names+"]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = s.meet(nil, nil)
		ceremonytest.WantError(t, err, fault.Usage, "people.yaml:2: "+want)
	}
}

// TestGone waits at a step whose custodian, or a witness, has left, until somebody
// has their part; it stops when nobody has.
func TestGone(t *testing.T) {
	for _, part := range []string{"b", "internal witness"} {
		s := withPeople(t)
		leaves := append([]string{"leave Holder of " + part}, all()...)
		known := part + " is Holder of " + part + ": Enter, or another name: "
		asked := 0
		person, err := s.meet(leaves, func(question string) (string, bool) {
			if question == known {
				asked++
			}
			return "Zoe", question == known
		})
		if err != nil || asked != 1 {
			t.Errorf("%s left: asked %d times, %v", part, asked, err)
		}
		if said := strings.Join(person.Said, "\n"); !strings.Contains(said, "This step waits for "+part+", who left at ") {
			t.Errorf("said %s", said)
		}
		s.finished()
	}
}
