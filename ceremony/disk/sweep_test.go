package disk

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// TestSweep removes what nobody writes any more, and nothing else.
func TestSweep(t *testing.T) {
	folder, all := testFolder(t)
	mustCreate(t, folder, "a/file", "whole")
	mustCreate(t, folder, "a/"+tempPrefix+"left", "ha")
	mustCreate(t, folder, "a/"+tempPrefix+"folder/x", "inside")
	mustCreate(t, folder, "b/"+tempPrefix+"elsewhere", "ha")
	if err := folder.root.Symlink("file", "a/"+tempPrefix+"link"); err != nil {
		t.Fatal(err)
	}
	err := folder.CreateFrom("a/new", func(w io.Writer) error {
		if err := folder.Sweep("a"); err != nil {
			t.Error(err)
		}
		_, err := io.WriteString(w, "new")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, folder, "a/new", "new")
	wantContent(t, folder, "a/file", "whole")
	if got := all(); slices.ContainsFunc(got, func(name string) bool { return strings.HasSuffix(name, "left") }) ||
		!slices.Contains(got, "a/"+tempPrefix+"folder/x") || !slices.Contains(got, "b/"+tempPrefix+"elsewhere") {
		t.Errorf("got %q", got)
	}
	if err := folder.Sweep("nowhere"); err != nil {
		t.Error(err)
	}
}
