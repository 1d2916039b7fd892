// Package disktest has folders for the tests of other packages.
package disktest

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/disk"
)

// Folder returns a new folder and a function that lists all that is in it.
func Folder(t testing.TB) (*disk.Folder, func() []string) {
	t.Helper()
	dir := t.TempDir()
	folder, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return folder, func() []string { return Tree(t, dir) }
}

// Tree lists all files and folders below dir, hidden ones too.
func Tree(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if name != dir {
			names = append(names, strings.TrimPrefix(name, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// MustCreate makes a file.
func MustCreate(t testing.TB, f *disk.Folder, name, content string) {
	t.Helper()
	if err := f.Create(name, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

// WantContent compares a file with what it should hold.
func WantContent(t testing.TB, f *disk.Folder, name, want string) {
	t.Helper()
	got, err := f.Read(name, 1000)
	if err != nil {
		t.Error(err)
	} else if string(got) != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}
