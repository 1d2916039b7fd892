package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

func TestReadRefuses(t *testing.T) {
	folder, _ := testFolder(t)
	mustCreate(t, folder, "large", strings.Repeat("x", 101))
	mustCreate(t, folder, "folder/file", "x")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := folder.root.Symlink(secret, "link"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(folder.root.Name(), "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"large":     "large is 101 bytes, want at most 100",
		"folder":    "folder: is a folder, want a regular file",
		"link":      "link: path escapes from parent",
		"pipe":      "pipe: is a device or pipe, want a regular file",
		"../secret": "../secret: path escapes from parent",
		secret:      secret + ": path escapes from parent",
	} {
		if _, err := folder.Read(name, 100); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if _, err := folder.Read("absent", 100); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := folder.Read(strings.Repeat("x", 300), 100); !errors.Is(err, fs.ErrNotExist) || !strings.HasSuffix(err.Error(), "x: no file can have so long a name") {
		t.Errorf("a long name: %v", err)
	}
}

func TestReadAtTheLimit(t *testing.T) {
	folder, _ := testFolder(t)
	mustCreate(t, folder, "file", strings.Repeat("x", 100))
	if data, err := folder.Read("file", 100); err != nil || len(data) != 100 {
		t.Errorf("got %d bytes and %v", len(data), err)
	}
}

func TestListAndExists(t *testing.T) {
	folder, _ := testFolder(t)
	mustCreate(t, folder, "keys/b.yaml", "")
	mustCreate(t, folder, "keys/a.yaml", "")
	mustCreate(t, folder, "keys/"+tempPrefix+"X", "")
	names, err := folder.List("keys")
	if want := []string{"a.yaml", "b.yaml"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("got %q and %v, want %q", names, err, want)
	}
	if names, err := folder.List("absent"); err != nil || len(names) != 0 {
		t.Errorf("got %q and %v", names, err)
	}
	if _, err := folder.List("../.."); err == nil {
		t.Error("listed a folder outside")
	}
	for name, want := range map[string]bool{"keys": true, "keys/a.yaml": true, "keys/c.yaml": false, "absent/x": false} {
		if got, err := folder.Exists(name); err != nil || got != want {
			t.Errorf("%s: got %v and %v, want %v", name, got, err, want)
		}
	}
}

// TestReadAllOfMore reads a file that says that it is empty, and is not.
func TestReadAllOfMore(t *testing.T) {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := ReadAll("status", file, 10); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "status grew while it was read") {
		t.Errorf("got %v", err)
	}
}
