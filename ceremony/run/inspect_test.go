package run

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// TestInspect runs nothing on a machine that is not fit, shows what people should
// know, and puts what was found into the transcript, each time.
func TestInspect(t *testing.T) {
	s := newStage(t)
	s.machine = []transcript.Inspection{{Check: preflight.CheckNetwork, Of: "eth0", Verdict: transcript.Fail, Text: "network interface eth0 is up"}}
	ceremonytest.WantError(t, s.unattended(t.Context(), nil), fault.Failed, "not fit for a ceremony: network interface eth0 is up")
	if s.asked.People || !slices.Equal(s.asked.Tokens, []string{"all"}) {
		t.Errorf("asked for %+v, want token all and nobody there", s.asked)
	}
	person, err := s.attended(all()...)
	ceremonytest.WantError(t, err, fault.Failed, "network interface eth0 is up")
	if len(person.Asked) != 0 {
		t.Errorf("before the machine is fit, people are asked %q, want words of their paper only", person.Asked)
	}
	if there, err := ceremonytest.Open(t, s.dir).Exists(s.plan.Dir() + "/" + transcript.File); err != nil || there {
		t.Errorf("a ceremony that was refused has a transcript: %v, %v", there, err)
	}

	s.machine[0].Verdict, s.machine[0].WaivedBy, s.machine[0].Because = transcript.Waived, "A. Example", "test"
	s.machine = append(s.machine, transcript.Inspection{Check: preflight.CheckSwap, Verdict: transcript.Pass, Text: "swap is off"})
	person, err = s.attended()
	ceremonytest.WantError(t, err, fault.Failed, "not confirmed")
	if !s.asked.People || !s.asked.Absent {
		t.Errorf("asked for %+v, want people who may bring a token", s.asked)
	}
	said := strings.Join(person.Said, "\n")
	if !strings.Contains(said, "WAIVED  network interface eth0 is up; waived by A. Example: test") || strings.Contains(said, "swap is off") {
		t.Errorf("said %s", said)
	}
	if err := s.unattended(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var found []transcript.Inspected
	for _, e := range s.events() {
		if d, ok := e.Data.(transcript.Inspected); ok {
			found = append(found, d)
		}
	}
	if len(found) != 2 || found[1].Build != "a test" || !slices.Equal(found[1].Lines, s.machine) {
		t.Errorf("the transcript has %+v", found)
	}
}

// TestInspectRehearsal goes on with a rehearsal on a machine that is not fit, and says
// so.
func TestInspectRehearsal(t *testing.T) {
	s := newStage(t)
	s.machine = []transcript.Inspection{{Check: preflight.CheckNetwork, Verdict: transcript.Fail, Text: "network interface eth0 is up"}}
	person := &ceremonytest.Person{}
	r := s.room(person)
	r.Rehearsal = &workspace.Rehearsal{}
	site, err := r.Workspace.Site()
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{Run: &Run{Room: r, Inspect: s.inspect}, plan: s.plan, site: site}
	if _, err := m.inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(person.Said, "\n"); !strings.Contains(said, "FAIL    network interface eth0 is up") || !strings.Contains(said, "the ceremony itself would stop here") {
		t.Errorf("said %s", said)
	}
}
