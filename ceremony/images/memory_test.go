package images

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain keeps what the tests remember away from the user's own.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "keyrite-images-")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// later is a memory to which everything changed long ago.
func later(t *testing.T, dir string) *Memory {
	t.Helper()
	m, err := OpenMemory(dir, []string{"images"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	m.now = func() time.Time { return time.Now().Add(time.Minute) }
	return m
}

// hashed hashes a folder with a memory, and returns what was read and not recalled.
func hashedWith(t *testing.T, dir string, m *Memory) (*List, int) {
	t.Helper()
	files, err := Find([]string{dir}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	before := m.Recalled()
	list, err := files.Hash(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return list, len(list.Images) - (m.Recalled() - before)
}

// TestMemory reads what did not change once, and all else each time.
func TestMemory(t *testing.T) {
	dir, own := imageDir(t, map[string]string{"a": "1", "b": "22"}), t.TempDir()
	first, read := hashedWith(t, dir, later(t, own))
	if read != 2 {
		t.Errorf("read %d", read)
	}
	if again, read := hashedWith(t, dir, later(t, own)); read != 0 || *again.Images[1].SHA512 != *first.Images[1].SHA512 || again.Images[0].SHA256 != first.Images[0].SHA256 {
		t.Errorf("read %d again, got %v", read, again)
	}
	name := filepath.Join(dir, "a")
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func() error{
		"another content of the same length and time": func() error {
			if err := os.WriteFile(name, []byte("9"), 0o644); err != nil {
				return err
			}
			return os.Chtimes(name, info.ModTime(), info.ModTime())
		},
		"another file in its place": func() error {
			if err := os.WriteFile(name+"2", []byte("3"), 0o644); err != nil {
				return err
			}
			return os.Rename(name+"2", name)
		},
		"a longer one": func() error { return os.WriteFile(name, []byte("333"), 0o644) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if _, read := hashedWith(t, dir, later(t, own)); read != 1 {
			t.Errorf("%s: read %d, want 1", what, read)
		}
	}
}

// TestMemoryOfToday does not remember what may change again within a tick of the clock.
func TestMemoryOfToday(t *testing.T) {
	dir := imageDir(t, map[string]string{"a": "1"})
	m := later(t, t.TempDir())
	m.now = time.Now
	hashedWith(t, dir, m)
	if len(m.known) != 0 {
		t.Errorf("remembers %v", m.known)
	}
	if data, _ := os.ReadFile(m.file.Name()); strings.TrimSpace(string(data)) != "" {
		t.Errorf("remembers %s", data)
	}
}

// TestInterrupted goes on where it was interrupted.
func TestInterrupted(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // one after the other
	dir, own := imageDir(t, map[string]string{"a": "1", "b": "22"}), t.TempDir()
	if err := unix.Mkfifo(filepath.Join(dir, "c"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := &Files{places: map[string]place{}}
	for _, name := range []string{"a", "b", "c"} { // as if c had become a pipe since it was found
		files.places[name] = place{shown: filepath.Join(dir, name), size: map[string]int64{"a": 1, "b": 2}[name]}
	}
	if _, err := files.Hash(t.Context(), later(t, own), nil); err == nil {
		t.Fatal("a pipe was hashed")
	}
	os.Remove(filepath.Join(dir, "c"))
	if _, read := hashedWith(t, dir, later(t, own)); read != 0 {
		t.Errorf("read %d again", read)
	}
}

// TestTornMemory passes over the end that a crash has torn, and refuses what others can
// write.
func TestTornMemory(t *testing.T) {
	dir, own := imageDir(t, map[string]string{"a": "1", "b": "22"}), t.TempDir()
	m := later(t, own)
	hashedWith(t, dir, m)
	name := m.file.Name()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data[:len(data)-30], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, read := hashedWith(t, dir, later(t, own)); read != 1 {
		t.Errorf("torn: read %d, want 1", read)
	}
	if _, read := hashedWith(t, dir, later(t, own)); read != 0 {
		t.Errorf("after the torn line: read %d", read)
	}
	if err := os.Chmod(name, 0o660); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenMemory(own, []string{"images"}); err == nil {
		t.Error("what others can write is believed")
	}
	if err := errors.Join(os.Chmod(name, 0o600), os.Rename(name, name+"2"), os.Symlink(name+"2", name)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenMemory(own, []string{"images"}); err == nil {
		t.Error("a link is believed")
	}
}

// TestMemoryIsSmall keeps no lines of files as they were, none of other folders, and no
// memory that nobody opens.
func TestMemoryIsSmall(t *testing.T) {
	dir, own := imageDir(t, map[string]string{"a": "1"}), t.TempDir()
	m := later(t, own)
	hashedWith(t, dir, m)
	line, err := os.ReadFile(m.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 + maxStale {
		if _, err := m.file.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if _, read := hashedWith(t, dir, later(t, own)); read != 0 {
		t.Errorf("tidied: read %d again", read)
	}
	if tidy, err := os.ReadFile(m.file.Name()); err != nil || len(tidy) > len(line)+1 {
		t.Errorf("%d bytes for one image of %d, %v", len(tidy), len(line), err)
	}
	other, err := OpenMemory(own, []string{"other"})
	if err != nil || len(other.known) != 0 || other.file.Name() == m.file.Name() {
		t.Errorf("another folder: %v, %v", other, err)
	}
	other.Close()
	old := time.Now().Add(-forgotten - time.Hour)
	if err := os.Chtimes(m.file.Name(), old, old); err != nil {
		t.Fatal(err)
	}
	if other, err = OpenMemory(own, []string{"other"}); err != nil {
		t.Fatal(err)
	}
	other.Close()
	if _, err := os.Stat(m.file.Name()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old one is there: %v", err)
	}
	if _, err := os.Stat(other.file.Name()); err != nil {
		t.Error(err)
	}
}

// TestAll reads everything when that is asked for.
func TestAll(t *testing.T) {
	r := HashRequest{From: []string{"x"}, All: true}
	if r.memory() != nil {
		t.Error("--all remembers")
	}
	if m := (HashRequest{From: []string{"x"}}).memory(); m == nil {
		t.Error("nothing is remembered")
	} else {
		m.Close()
	}
}
