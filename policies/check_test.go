package policies

import (
	"slices"
	"testing"
)

// TestFixture shows that a repository which follows the best practices passes
// every check, with none left unjudged.
func TestFixture(t *testing.T) {
	r := mustPreset(t, "uptane-image").Check(newFixture(t).Subject)
	for _, f := range r.Findings {
		t.Errorf("%s", f)
	}
	if len(r.Unknown) > 0 {
		t.Errorf("not judged: %v", r.Unknown)
	}
	if len(r.Passed) != len(checks) {
		t.Errorf("%d checks passed, want %d", len(r.Passed), len(checks))
	}
	if err := r.Refused(); err != nil {
		t.Error(err)
	}
}

// TestNothingKnown shows that a check never passes on facts that are missing.
func TestNothingKnown(t *testing.T) {
	r := mustPreset(t, "uptane-image").Check(&Subject{Repository: "image", Format: newFixture(t).Format})
	if len(r.Findings) > 0 {
		t.Errorf("found %v in nothing", r.Findings)
	}
	if want := []string{"WAIVERS", "WAIVERS-NEEDED"}; !slices.Equal(r.Passed, want) {
		t.Errorf("passed %v on nothing, want %v", r.Passed, want)
	}
}
