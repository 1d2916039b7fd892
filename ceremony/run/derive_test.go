package run

import (
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// TestUnderWay plans while a ceremony is open.
func TestUnderWay(t *testing.T) {
	s := newSoftware(t)
	thePlan, ws := s.mustDerive(plan.Request{}), s.open()
	if _, _, err := plan.Write(ws, thePlan); err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return s.now }
	theTranscript, err := transcript.Open(ws.Folder, thePlan.Dir(), clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := theTranscript.Append(0, transcript.ActorTool, transcript.EventStarted, startedData{}); err != nil {
		t.Fatal(err)
	}
	if err := theTranscript.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = s.derive(plan.Request{})
	wantError(t, err, fault.Refused, "ceremony 2026-11-23-image-1 is under way")
	if err := Abort(ws, thePlan, clock, "test"); err != nil {
		t.Fatal(err)
	}
	if next := s.mustDerive(plan.Request{}); next.Ceremony != "2026-11-23-image-2" {
		t.Errorf("next ceremony is %s", next.Ceremony)
	}
	wantError(t, Abort(ws, thePlan, clock, "again"), fault.Failed, "has ended already (aborted)")
}
