package audit

import "testing"

// TestIsRemembered gives the right to write over what a client remembers, and over
// nothing else.
func TestIsRemembered(t *testing.T) {
	for name, want := range map[string]bool{
		"root.json": true, "targets.json": true, "acme.json": true,
		"site.yaml": false, "transcript.jsonl": false, "image/timestamp.json": false, "../timestamp.json": false, "": false,
	} {
		if got := isRemembered(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}
