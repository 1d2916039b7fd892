package signed

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

var _ roles.Source = DirSource{}

func TestDirSource(t *testing.T) {
	folder, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for name, content := range map[string]string{
		"image/metadata/1.root.json":     "root",
		"image/metadata/group/snap.json": "nested",
		"secret.json":                    "outside",
	} {
		if err := folder.Create(name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	source := DirSource{folder, "image/metadata"}

	for name, want := range map[string]string{"1.root.json": "root", "group/snap.json": "nested"} {
		if got, err := source.Get(name, 100); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"../../secret.json", "/secret.json", "a/../1.root.json", "./1.root.json", ""} {
		if got, err := source.Get(name, 100); fault.CodeOf(err) != fault.Unverified {
			t.Errorf("%q: got %q, %v; want code %d", name, got, err, fault.Unverified)
		}
	}
	if _, err := source.Get("2.root.json", 100); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	if _, err := source.Get("1.root.json", 3); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("too long: got %v, want code %d", err, fault.Unverified)
	}
}
