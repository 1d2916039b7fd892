package main

import (
	"path/filepath"
	"testing"

	"github.com/uptane/keyrite/interop/generate"
)

// TestCases has keyrite judge every repository. It is the row that has to be
// right, also where no other client can be built.
func TestCases(t *testing.T) {
	for _, c := range generate.Cases() {
		dir, state := t.TempDir(), t.TempDir()
		if err := c.Write(dir); err != nil {
			t.Fatal(err)
		}
		root := filepath.Join(dir, "root.json")
		if err := judge(root, filepath.Join(dir, "before"), state, c.Profile.Paths()); err != nil {
			t.Errorf("%s: the honest repository before it is refused: %v", c.Name, err)
		}
		if !c.Remembers {
			state = t.TempDir()
		}
		if err := judge(root, filepath.Join(dir, "now"), state, c.Profile.Paths()); (err == nil) != c.Good {
			t.Errorf("%s (%s): got %v, want it accepted: %v", c.Name, c.Says, err, c.Good)
		}
	}
}
