package disk

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

// testLayout is testFolder with a layout that fixes the two names in it.
func testLayout(t *testing.T) (*Folder, *Layout, func() []string) {
	t.Helper()
	folder, all := testFolder(t)
	fixed := []string{"timestamp.json", "absent.json"}
	return folder, NewLayout(folder, func(name string) bool { return slices.Contains(fixed, name) }), all
}

func TestReplace(t *testing.T) {
	folder, layout, all := testLayout(t)
	mustCreate(t, folder, "timestamp.json", "one")
	old := sha256.Sum256([]byte("one"))

	if err := layout.Replace("timestamp.json", []byte("two"), sha256.Sum256([]byte("other")), "kept/1"); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("got %v, want a refusal", err)
	}
	wantContent(t, folder, "timestamp.json", "one")
	if got := all(); len(got) != 1 {
		t.Errorf("left behind: %q", got)
	}

	mustCreate(t, folder, "kept/1", "one") // as after a crash
	if err := layout.Replace("timestamp.json", []byte("two"), old, "kept/1"); err != nil {
		t.Fatal(err)
	}
	wantContent(t, folder, "timestamp.json", "two")
	wantContent(t, folder, "kept/1", "one")

	old = sha256.Sum256([]byte("two"))
	if err := layout.Replace("timestamp.json", []byte("three"), old, "kept/1"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want a refusal to overwrite what is kept", err)
	}
	wantContent(t, folder, "timestamp.json", "two")
	if got, want := all(), []string{"kept", "kept/1", "timestamp.json"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// A sparse file costs an attacker nothing, and would fill the memory.
	if err := os.Truncate(filepath.Join(folder.root.Name(), "timestamp.json"), MaxInput+1); err != nil {
		t.Fatal(err)
	}
	if err := layout.Replace("timestamp.json", nil, old, "kept/2"); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "want at most") {
		t.Errorf("got %v, want a refusal to read that much", err)
	}
	if err := layout.Replace("absent.json", nil, old, "kept/2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// TestLayoutRefuses shows that no other name is written over: an attacker's plan
// may name any.
func TestLayoutRefuses(t *testing.T) {
	folder, layout, all := testLayout(t)
	old := sha256.Sum256([]byte("old"))
	for _, name := range []string{"trust.yaml", "1.root.json", "below/timestamp.json"} {
		mustCreate(t, folder, name, "old")
		before := all()
		for what, err := range map[string]error{
			"replace":        layout.Replace(name, []byte("new"), old, "kept"),
			"overwrite":      layout.Overwrite(name, []byte("new")),
			"overwrite from": layout.OverwriteFrom(name, known([]byte("new")).write),
		} {
			if err == nil || !strings.Contains(err.Error(), name+" is not a name that the layout fixes") {
				t.Errorf("%s of %s: got %v", what, name, err)
			}
		}
		wantContent(t, folder, name, "old")
		if after := all(); !slices.Equal(before, after) {
			t.Errorf("files before %q, after %q", before, after)
		}
	}
}

func TestOverwrite(t *testing.T) {
	folder, layout, all := testLayout(t)
	for _, content := range []string{"one", "two", ""} {
		if err := layout.Overwrite("timestamp.json", []byte(content)); err != nil {
			t.Fatal(err)
		}
		wantContent(t, folder, "timestamp.json", content)
	}
	if err := layout.OverwriteFrom("timestamp.json", known([]byte("three")).write); err != nil {
		t.Fatal(err)
	}
	wantContent(t, folder, "timestamp.json", "three")
	if got := all(); len(got) != 1 {
		t.Errorf("left behind: %q", got)
	}
}
