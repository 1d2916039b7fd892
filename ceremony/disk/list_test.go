package disk_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/disk/disktest"
)

// TestList lists names in order, nothing of a folder that is not there, and does not
// wait for a pipe that lies where a folder should.
func TestList(t *testing.T) {
	dir := t.TempDir()
	f, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	disktest.MustCreate(t, f, "b/2", "")
	disktest.MustCreate(t, f, "b/1", "")
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{".": {"b", "pipe"}, "b": {"1", "2"}, "c": nil} {
		if got, err := f.List(name); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	ended := make(chan error, 1)
	go func() { _, err := f.List("pipe"); ended <- err }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a pipe was listed")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("waits for a pipe")
	}
}
