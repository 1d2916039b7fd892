package run

import (
	"bytes"
	"testing"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight/preflighttest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/hsm"
)

// TestSignUnwritten asks no token for a signature whose intent the transcript does
// not take.
func TestSignUnwritten(t *testing.T) {
	s := newStage(t)
	r := &Run{Room: s.room(prompt.Nobody(&bytes.Buffer{})), Inspect: preflighttest.Fit, Yes: true, PlanSHA256: s.paper["plan"], RoomSHA256: s.paper["room"]}
	m, err := r.begin(t.Context(), s.plan.Ceremony)
	if err != nil {
		t.Fatal(err)
	}
	var step plan.Step
	for _, step = range s.plan.Steps {
		if step.Do == plan.Sign {
			break
		}
		if err := m.step(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	reviewed := m.reviewed["root"]
	agreed, err := reviewed.Agree(review.Signing{Step: step.Step, Key: step.Key}, func(room.Question) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	declared, err := m.site.TokenOf(step.Key)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.transcript.Close(); err != nil {
		t.Fatal(err)
	}
	err = custody.Use(t.Context(), m.Room, &kept{}, declared, func(token *hsm.Token) error {
		return m.signOn(t.Context(), step, reviewed, agreed, token)
	})
	if err == nil {
		t.Error("no error")
	}
	if there, err := m.Workspace.Exists(m.signaturePath(step)); there || err != nil {
		t.Errorf("there is a signature: %v, %v", there, err)
	}
}
