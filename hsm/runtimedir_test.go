package hsm

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A runtime folder that cannot be used is named, and the next place is tried.
func TestRuntimeDir(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	next := filepath.Join(dir, "keyrite-"+userName())
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, runtime string)
		want  string // in the complaint, when no place is left
	}{
		{"missing", func(t *testing.T, runtime string) { must(t, os.Remove(runtime)) }, "no such file"},
		{"a file", func(t *testing.T, runtime string) { must(t, os.WriteFile(runtime+"/keyrite", nil, 0o600)) }, "not a folder"},
		{"a link", func(t *testing.T, runtime string) { must(t, os.Symlink("/usr", runtime+"/keyrite")) }, "not a folder"},
		{"for all", func(t *testing.T, runtime string) {
			must(t, os.Mkdir(runtime+"/keyrite", 0o700))
			must(t, os.Chmod(runtime+"/keyrite", 0o777))
		}, "can be written to by others; got mode 0777"},
		{"another user's", func(t *testing.T, runtime string) {
			must(t, os.Mkdir(runtime+"/keyrite", 0o700))
			if os.Geteuid() == 0 {
				must(t, os.Chown(runtime+"/keyrite", 65534, 65534))
			} else { // only root can give it away
				must(t, os.Remove(runtime+"/keyrite"))
				must(t, os.Symlink("/", runtime+"/keyrite"))
			}
		}, "keyrite"},
		{"read-only", readOnly, "keyrite"},
	} {
		t.Run(test.name, func(t *testing.T) {
			runtime := t.TempDir()
			t.Setenv("XDG_RUNTIME_DIR", runtime)
			if got, err := runtimeDir(""); err != nil || got != filepath.Join(runtime, "keyrite") {
				t.Fatalf("got %s, %v", got, err)
			}
			must(t, os.Remove(runtime+"/keyrite"))
			test.spoil(t, runtime)
			got, err := runtimeDir("root")
			if err != nil || got == filepath.Join(runtime, "keyrite", "root") {
				t.Errorf("got %s, %v; want another place", got, err)
			}
			must(t, os.RemoveAll(next))
			must(t, os.WriteFile(next, nil, 0o600))
			defer os.Remove(next)
			_, err = runtimeDir("")
			if _, statErr := os.Stat(filepath.Join("/run/user", userName())); statErr == nil {
				return // a place that this test cannot spoil
			}
			if err == nil || !strings.Contains(err.Error(), runtime) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), next) {
				t.Errorf("got %v, want %s, %s and %s", err, runtime, test.want, next)
			}
			_, err = lockToken(TokenInfo{}, "/m.so")
			if f := (*fault)(nil); !errors.As(err, &f) || f.kind != ErrUsage {
				t.Errorf("got %v, want no place for the lock", err)
			}
		})
	}
}

// readOnly makes the folder one that this user cannot write to. Root can, except
// where a file system is read-only.
func readOnly(t *testing.T, runtime string) {
	if os.Geteuid() != 0 {
		must(t, os.Chmod(runtime, 0o500))
		t.Cleanup(func() { os.Chmod(runtime, 0o700) })
		return
	}
	if err := unix.Mount("none", runtime, "tmpfs", 0, ""); err != nil {
		t.Skipf("nothing is read-only for root here: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(runtime, unix.MNT_DETACH) })
	must(t, os.Mkdir(runtime+"/keyrite", 0o700))
	must(t, unix.Mount("none", runtime, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Only a lock that is held says that the token is in use.
func TestLockTellsHeldFromUnusable(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	kind := func(err error) error {
		var f *fault
		if !errors.As(err, &f) {
			t.Fatalf("got %v", err)
		}
		return f.kind
	}
	lock, err := lockToken(TokenInfo{Serial: "1"}, "/m.so")
	must(t, err)
	if _, err := lockToken(TokenInfo{Serial: "1"}, "/m.so"); kind(err) != ErrBusy {
		t.Errorf("held: got %v", err)
	}
	name := lock.file.Name()
	must(t, lock.release())
	must(t, os.Mkdir(name, 0o700))
	if _, err := lockToken(TokenInfo{Serial: "1"}, "/m.so"); kind(err) != ErrUsage {
		t.Errorf("unusable: got %v", err)
	}
}
