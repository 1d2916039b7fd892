package derive_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// TestFloor signs the version that trust.yaml sets as the lowest, also past versions
// that one ceremony alone speaks of, and asks for no more once it is reached.
func TestFloor(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	log, err := transcript.Open(s.Open().Folder, ceremonies.SiteDir("2026-11-23-image-1", "main"), func() time.Time { return s.Now })
	if err != nil {
		t.Fatal(err)
	}
	ended := transcript.Aborted{Repository: "image", Because: "test", Signed: []transcript.Mark{{Role: "targets", Version: 90}}}
	if err := log.Append(0, transcript.ActorPerson, ended); err != nil {
		t.Fatal(err)
	}
	log.Close()
	s.Now = s.Now.Add(time.Hour)
	floor := func(before, after int) {
		s.Edit("trust.yaml", fmt.Sprintf("expires: 90d, floor: %d", before), fmt.Sprintf("expires: 90d, floor: %d", after))
	}
	s.Edit("trust.yaml", "expires: 90d", "expires: 90d, floor: 5")
	_, err = s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Unverified, "signed version 90 of targets, but nothing here signed version 5")
	floor(5, 91)
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "targets 91, snapshot 2, timestamp 2" {
		t.Errorf("got %s", ceremonytest.Files(p))
	}
	if p, err := s.Make(plan.Request{}); p != nil || err != nil {
		t.Errorf("at its floor: got %v, %v", p, err)
	}
	floor(91, 92)
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "targets 92, snapshot 3, timestamp 3" {
		t.Errorf("got %s", ceremonytest.Files(p))
	}
}
