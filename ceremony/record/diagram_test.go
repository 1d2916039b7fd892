package record

import (
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/plan"
)

// TestChip holds that what comes and what goes can be told apart without colour.
func TestChip(t *testing.T) {
	for _, test := range []struct {
		changes, goes bool
		text, fill    string
		dashed        bool
	}{
		{false, false, "root-a", "", false},
		{false, true, "root-a", "", false},
		{true, false, "+ root-a", "dark", false},
		{true, true, "− root-a", "", true},
	} {
		shapes := chip(0, 0, "root-a", test.changes, test.goes)
		if box, text := shapes[0], shapes[1]; box.Fill != test.fill || box.Dashed != test.dashed || text.Text != test.text {
			t.Errorf("%+v: got %+v", test, shapes)
		}
	}
	if got := cut("a-very-long-name-of-a-key", 10); got != "a-very-lo…" {
		t.Errorf("got %s", got)
	}
}

// TestPlace holds the ticks of the axis, and what lies beyond it.
func TestPlace(t *testing.T) {
	day := 24 * time.Hour
	for left, want := range map[time.Duration]float64{-day: 30, 0: 30, 7 * day: 50, 60 * day: 87.5, 365 * day: 138, 9999 * day: 150} {
		if got := place(left); got != want {
			t.Errorf("%s: got %v, want %v", left, got, want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for state, want := range map[string]string{
		"finished":  "Finished as planned. 0 keys generated; put in place: none.",
		"aborted":   "ABORTED. 0 keys generated; put in place: none.",
		"under way": "NOT FINISHED. 0 keys generated; put in place: none.",
	} {
		s := &source{plan: &plan.Plan{}, chain: &Chain{State: state}}
		if got := s.verdict(); got != want {
			t.Errorf("%s: got %s", state, got)
		}
	}
}
