package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestSub(t *testing.T) {
	dir := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "a/b/c"), 0o755),
		os.WriteFile(filepath.Join(dir, "a/b/file"), []byte("x"), 0o644),
		os.WriteFile(filepath.Join(dir, "a/secret"), []byte("x"), 0o644),
		os.Symlink("../secret", filepath.Join(dir, "a/b/link")),
		os.Symlink("/", filepath.Join(dir, "out")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	top, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer top.Close()
	sub, err := top.Sub("a/b")
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	names, err := sub.Names()
	if slices.Sort(names); err != nil || !slices.Equal(names, []string{"c", "file", "link"}) {
		t.Errorf("got %q, %v", names, err)
	}
	if data, err := sub.Read("file", 1); err != nil || string(data) != "x" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := sub.Read("link", 1); err == nil {
		t.Error("a link leads out of the folder")
	}
	if _, err := top.Sub("out"); err == nil {
		t.Error("a link leads out to another folder")
	}
	if _, err := top.Sub("a/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
