package roles

import (
	"testing"
)

// TestDelegatedAssignments tells of what a delegation alone lists.
func TestDelegatedAssignments(t *testing.T) {
	listing := func(paths ...string) *Targets {
		body := &Targets{}
		for _, path := range paths {
			body.Images = append(body.Images, Image{Path: path})
		}
		return body
	}
	director := listing("acme/abs.bin", "gw.bin", "both.bin", "unlisted.bin", "acme/plain.bin")
	for i := range 4 {
		director.Images[i].Custom = []byte(`{"ecuIdentifiers":{"ABS-1":{"hardwareId":"brake"},"ABS-2":{"hardwareId":"brake"}}}`)
	}
	image := map[string]*Targets{
		"targets": listing("gw.bin", "both.bin"),
		"acme":    listing("acme/abs.bin", "acme/plain.bin", "both.bin"),
		"zeta":    listing("both.bin"),
	}
	want := "image acme/abs.bin for ECU ABS-1, ABS-2 is listed by the delegated role acme: secondaries that verify fully do not follow delegations and refuse it"
	if got := DelegatedAssignments(OTACE, director, image); len(got) != 1 || got[0].String() != want || got[0].Role != "acme" {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := DelegatedAssignments(TUF, director, image); got != nil {
		t.Errorf("tuf: got %q", got)
	}
}
