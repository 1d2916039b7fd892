package run

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
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

// TestOpenBags has the last bag of each token, until the token is in one again.
func TestOpenBags(t *testing.T) {
	list := func(data ...transcript.Data) (events []transcript.Event) {
		for _, d := range data {
			events = append(events, transcript.Event{Data: d})
		}
		return events
	}
	a1, a2, b1 := transcript.Unbagged{Token: "a", Bag: "1"}, transcript.Unbagged{Token: "a", Bag: "2"}, transcript.Unbagged{Token: "b", Bag: "1"}
	sealed := transcript.Bagged{Token: "a", Bag: "3"}
	for _, tt := range []struct {
		events []transcript.Event
		want   []transcript.Unbagged
	}{
		{list(sealed), nil},
		{list(a1, b1), []transcript.Unbagged{a1, b1}},
		{list(a1, b1, sealed), []transcript.Unbagged{b1}},
		{list(a1, sealed, b1, a2), []transcript.Unbagged{b1, a2}},
	} {
		if got := openBags(tt.events); !slices.Equal(got, tt.want) {
			t.Errorf("got %v, want %v", got, tt.want)
		}
	}
}

// TestStopScreen names who declined, the bag that is open, and how it goes on; a bag
// that stays open shows at the end too.
func TestStopScreen(t *testing.T) {
	s := withPeople(t)
	bag, next := true, "next  keyrite run "+s.plan.Ceremony
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
	shows(person, stopped(plan.Step{Step: step}, "Holder of "+holderAt(s, step), true), open, next)

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
