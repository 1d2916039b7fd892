package runbook

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/page"
)

// TestDemands names for each thing that auditors demand where the runbook has it.
func TestDemands(t *testing.T) {
	s, p := rotation(t, "token of b lost")
	part := map[string]string{}
	for _, s := range mustMake(t, s, p).Sections {
		mark := s.Mark
		if mark == "" {
			mark = s.Title
		}
		part[mark] += html(t, &page.Document{Sections: []page.Section{s}})
	}
	for _, demand := range []struct{ what, section, text string }{
		{"plan and room on paper", "R1", "PLAN in words"},
		{"plan and room on paper", "R1", "ROOM in words"},
		{"printed twice and compared", "Print check, approval, rehearsal, copies", "32 of 32 plan words equal"},
		{"approval", "Print check, approval, rehearsal, copies", "Approved to hold"},
		{"rehearsed", "Print check, approval, rehearsal, copies", "head of the rehearsal"},
		{"roles by phase, internal and external", "R2", "external witness"},
		{"who acts", "R2", "officer 3"},
		{"entry and exit", "R2", "Out UTC"},
		{"physical security", "R3", "cameras run"},
		{"clock", "R3", "independent source"},
		{"hardware and activation material", "R4", "Bag number found"},
		{"module", "R4", "/soft.so"},
		{"what changes", "R5", "added root-c (to be generated)"},
		{"findings and waivers", "R5", "test: test"},
		{"everybody read it", "R5", "I have read this: officer 3"},
		{"renewal early enough", "Readiness", "timestamp 1"},
		{"dual control", "R6", "EW"},
		{"words where bytes are not known", "R6", "words blank"},
		{"head", "R6", "Head at the beginning"},
		{"break", "R7", "heads counted"},
		{"storage afterwards", "R8", "goes to"},
		{"head", "R8", "Head at the end"},
		{"sign-off, followed or not", "R9", "I do not agree"},
		{"deviations", "R10", "Exception sheet E5"},
		{"failure branches", "R11", "person gone"},
		{"rules of the paper", "How to use this paper", "VOID"},
	} {
		if !strings.Contains(part[demand.section], demand.text) {
			t.Errorf("%s: %s has no %q", demand.what, demand.section, demand.text)
		}
	}
}
