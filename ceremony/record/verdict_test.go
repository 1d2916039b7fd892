package record

import (
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/plan"
)

func TestVerdict(t *testing.T) {
	for state, want := range map[ceremonies.Stage]string{
		"finished":  "Finished as planned. 0 keys generated; put in place: none.",
		"aborted":   "ABORTED. 0 keys generated; put in place: none.",
		"under-way": "NOT FINISHED. 0 keys generated; put in place: none.",
	} {
		s := &source{plan: &plan.Plan{}, chain: &Chain{State: state}}
		if got := s.verdict(); got != want {
			t.Errorf("%s: got %s", state, got)
		}
	}
}
