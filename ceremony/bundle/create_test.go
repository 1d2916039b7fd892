package bundle

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/disk"
)

// testFolder returns a new folder and a function that lists all that is in it.
func testFolder(t *testing.T) (*disk.Folder, func() []string) {
	t.Helper()
	dir := t.TempDir()
	folder, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return folder, func() []string { return tree(t, dir) }
}

// tree lists all files and folders below dir, hidden ones too.
func tree(t *testing.T, dir string) []string {
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

func mustCreate(t *testing.T, f *disk.Folder, name, content string) {
	t.Helper()
	if err := f.Create(name, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, f *disk.Folder, name, want string) {
	t.Helper()
	got, err := f.Read(name, 1000)
	if err != nil {
		t.Error(err)
	} else if string(got) != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}
