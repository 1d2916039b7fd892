package disk

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRemoveDir takes away a folder and those above it that are empty, and nothing that
// a link in it, or on the way to it, leads to.
func TestRemoveDir(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "kept", "a", "file")
	for _, name := range []string{"kept/a", "old/one/deep", "old/two"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"old/one/deep/link": "../../../kept", "old/link": "../kept", "link": "kept"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"old/link", "link/a", "none", "kept/a/file", "../x", "."} {
		if err := f.RemoveDir(name); err == nil {
			t.Errorf("%s was removed", name)
		}
	}
	exists := func(name string) bool { _, err := os.Lstat(filepath.Join(dir, name)); return err == nil }
	if err := f.RemoveDir("old/one"); err != nil || exists("old/one") || !exists("old/two") {
		t.Errorf("got %v", err)
	}
	os.Remove(filepath.Join(dir, "old/link"))
	if err := f.RemoveDir("old/two"); err != nil || exists("old") || !exists(".") {
		t.Errorf("got %v", err)
	}
	if !exists("kept/a/file") {
		t.Error("what a link leads to is gone")
	}
}
