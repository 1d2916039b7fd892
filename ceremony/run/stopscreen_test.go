package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/transcript"
)

func TestStopped(t *testing.T) {
	for _, tt := range []struct {
		step     int
		who      string
		declined bool
		want     string
	}{
		{4, "Name Three", true, "stopped by Name Three at step 4. Nothing of step 4 was done; steps 1 to 3 stay."},
		{2, "", true, "stopped at step 2. Nothing of step 2 was done; step 1 stays."},
		{1, "Ada", true, "stopped by Ada at step 1. Nothing of step 1 was done."},
		{1, "", false, "stopped at step 1."},
		{3, "", false, "stopped at step 3; steps 1 to 2 stay."},
	} {
		if got := stopped(plan.Step{Step: tt.step}, tt.who, tt.declined); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestStopScreen names who declined, the bag that is open, and how it goes on; a bag
// that stays open shows at the end too.
func TestStopScreen(t *testing.T) {
	s := withPeople(t)
	bag, next := true, "next    keyrite run "+s.plan.Ceremony
	opens := func(question string) (string, bool) {
		fresh := bag && question == "bag > "
		bag = bag && !fresh
		return "all A10482", fresh
	}
	open := "still open: all bag A10482: seal it, and tell the next run: seal all NUMBER"
	shows := func(person *ceremonytest.Person, wants ...string) {
		t.Helper()
		said := strings.Join(person.Said, "\n")
		for _, want := range append(wants, "head of the transcript at ") {
			if !strings.Contains(said, want) {
				t.Errorf("%q does not show in\n%s", want, said)
			}
		}
	}
	yes := ceremonytest.AsAsked
	person, err := s.meet([]string{yes, yes, "no"}, opens)
	ceremonytest.WantError(t, err, fault.Failed, "not confirmed")
	if hints := fault.Hints(err); hints != nil {
		t.Errorf("hints: %q", hints)
	}
	step := s.events()[len(s.events())-2].Step
	shows(person, stopped(plan.Step{Step: step}, "Holder of "+holderAt(s, step), true), open, next, fmt.Sprintf("needed  Holder of %s, %[1]s, with token all (step %d)", holderAt(s, step), step))

	// The next run knows that bag, also at its end.
	person, err = s.meet(all(), nil)
	if err != nil {
		t.Fatal(err)
	}
	shows(person, open)
}

// holderAt is the custodian who was asked last at a step.
func holderAt(s *stage, step int) (who string) {
	for _, e := range s.events() {
		if asked, ok := e.Data.(transcript.Asked); ok && e.Step == step {
			who = asked.Who
		}
	}
	return who
}

// TestNeeded names who is needed to go on wherever a run ends: at the roll-call, at the
// paper, at the table of tokens, at a question, at a PIN, and when somebody has left.
func TestNeeded(t *testing.T) {
	first := "        a, with token all (step 1)" // the witness is not here yet either
	for name, tt := range map[string]struct {
		at   string // the end of a question
		want string
	}{
		"roll-call":  {"Name of a: ", first},
		"paper":      {"plan words ", "needed  Holder of a, a, with token all (step 1)"},
		"bags":       {"bag > ", "needed  Holder of a, a, with token all (step 1)"},
		"phrase":     {"To go on, type: generate targets-a", "needed  Holder of b, b, with token all (step 2)"},
		"words":      {"To sign targets 1 with targets-a, type words", "needed  Holder of b, b, with token all (step "},
		"the review": {"Enter goes on, v shows details", "needed  Holder of a, a, with token all (step 6)"},
	} {
		for _, how := range []error{prompt.ErrInterrupted, prompt.ErrDeclined} {
			t.Run(fmt.Sprint(name, fault.CodeOf(how)), func(t *testing.T) {
				s := withPeople(t)
				person := &ceremonytest.Person{Answers: all(), Paper: s.paper}
				r := &Run{Room: s.room(&leaver{person, tt.at, how}), Inspect: s.inspect}
				if err := r.Ceremony(t.Context(), s.plan.Ceremony); !errors.Is(err, how) {
					t.Errorf("got %v", err)
				}
				if said := strings.Join(person.Said, "\n"); !strings.Contains(said, tt.want) {
					t.Errorf("%q does not show in\n%s", tt.want, said)
				}
			})
		}
	}
}

// leaver ends a question.
type leaver struct {
	*ceremonytest.Person
	at  string
	how error
}

func (l *leaver) Line(ctx context.Context, question string) (string, error) {
	if strings.Contains(question, l.at) {
		return "", l.how
	}
	return l.Person.Line(ctx, question)
}

// TestNeededNotHere names a part that nobody has, before who acts.
func TestNeededNotHere(t *testing.T) {
	s := withPeople(t)
	leaves := append([]string{"leave Holder of internal witness"}, all()...)
	known := "internal witness is Holder of internal witness: Enter, or another name: "
	person := &ceremonytest.Person{Answers: leaves, Paper: s.paper}
	r := &Run{Room: s.room(&leaver{person, known, prompt.ErrDeclined}), Inspect: s.inspect}
	if err := r.Ceremony(t.Context(), s.plan.Ceremony); err == nil {
		t.Fatal("went on without the witness")
	}
	said := strings.Join(person.Said, "\n")
	for _, want := range []string{"needed  internal witness, who is not here\n        ", "This step waits for internal witness, who left at ", "Ctrl-C stops here."} {
		if !strings.Contains(said, want) {
			t.Errorf("%q does not show in\n%s", want, said)
		}
	}
}
