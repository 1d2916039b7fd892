package ceremonies_test

import (
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
)

// TestNames lists the ceremonies of a repository as they were planned, and nothing that
// is called otherwise.
func TestNames(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	want := []string{"2026-11-09-image-10", "2026-11-30-image-2", "2026-11-30-image-9", "2026-11-30-image-10", "2026-12-01-image-1"}
	for _, name := range append([]string{"notes", "2026-11-30-image-0", "2026-1-1-image-1"}, want...) {
		s.Write("ceremonies/"+name+"/note", "")
	}
	if got, err := ceremonies.Names(s.Open()); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestName(t *testing.T) {
	for given, want := range map[string]string{
		"2026-11-30-image-1": "2026-11-30-image-1", "ceremonies/2026-11-30-image-1/": "2026-11-30-image-1",
		"./ceremonies/2026-11-30-image-1/plan.yaml": "2026-11-30-image-1", "2026-11-30-image-1/plan.yaml": "2026-11-30-image-1",
		"elsewhere/2026-11-30-image-1": "", "2026-11-30-image-1/main": "", "image": "", "": "",
	} {
		if got, err := ceremonies.Name(given); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", given, got, err, want)
		}
	}
}
