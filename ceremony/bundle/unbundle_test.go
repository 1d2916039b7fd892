package bundle

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/disk/disktest"
)

func TestUnbundle(t *testing.T) {
	file := bundleOnDisk(t, packed(t, bundleFiles()...))
	above := t.TempDir()
	dir := filepath.Join(above, "out")
	if _, err := Unpack(file, dir+"/"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"metadata", "metadata/1.root.json", "metadata/timestamp.json",
		"targets", "targets/aa.app.bin", "targets/bb.app.bin", "targets/empty",
	}
	for i := range longPath {
		if i > len("targets") && longPath[i] == '/' {
			want = append(want, longPath[:i])
		}
	}
	want = append(want, longPath)
	if got := disktest.Tree(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := disktest.Tree(t, above); len(got) != len(want)+1 {
		t.Errorf("more than the folder: %q", got)
	}
	folder, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	disktest.WantContent(t, folder, "metadata/timestamp.json", `{"signed": {}}`)
	disktest.WantContent(t, folder, "targets/aa.app.bin", strings.Repeat("image", 150))
	one, err := fs.Stat(folder.FS(), "targets/aa.app.bin")
	if err != nil {
		t.Fatal(err)
	}
	other, err := fs.Stat(folder.FS(), "targets/bb.app.bin")
	if err != nil || !os.SameFile(one, other) {
		t.Errorf("stored twice, %v", err)
	}
}

func TestUnbundleRefusesAPresentName(t *testing.T) {
	file := bundleOnDisk(t, rawAB())
	for name, prepare := range map[string]func(string) error{
		"empty folder": func(dir string) error { return os.Mkdir(dir, 0o755) },
		"file":         func(dir string) error { return os.WriteFile(dir, nil, 0o644) },
		"broken link":  func(dir string) error { return os.Symlink("absent", dir) },
	} {
		t.Run(name, func(t *testing.T) {
			above := t.TempDir()
			if err := prepare(filepath.Join(above, "out")); err != nil {
				t.Fatal(err)
			}
			if _, err := Unpack(file, filepath.Join(above, "out")); !errors.Is(err, fs.ErrExist) {
				t.Errorf("got %v", err)
			}
			if left, err := os.ReadDir(above); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestUnbundleWantsTheFolderAbove(t *testing.T) {
	file := bundleOnDisk(t, rawAB())
	above := t.TempDir()
	if _, err := Unpack(file, filepath.Join(above, "absent", "out")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(above); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A name that is taken while the folder is being filled is not replaced.
func TestCreateDirHappensOnce(t *testing.T) {
	folder, files := disktest.Folder(t)
	err := folder.CreateDir("out", func(*disk.Folder) error {
		return folder.Create("out/present", nil)
	})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if got := files(); !slices.Equal(got, []string{"out", "out/present"}) {
		t.Errorf("got %q", got)
	}
}

func TestCopyFileWhereLinksFail(t *testing.T) {
	folder, _ := disktest.Folder(t)
	disktest.MustCreate(t, folder, "targets/b", "image")
	if err := folder.CopyFile("targets/b", "targets/a"); err != nil {
		t.Fatal(err)
	}
	disktest.WantContent(t, folder, "targets/a", "image")
}
