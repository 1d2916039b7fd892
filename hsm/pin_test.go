package hsm_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestPINSources(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "good"), link); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KEYRITE_TEST_PIN", "s3cret")
	for _, test := range []struct{ name, source, problem string }{
		{"file", write("good", "s3cret\n", 0o600), ""},
		{"read-only file", write("readonly", "s3cret\r\n", 0o400), ""},
		{"file without line end", write("bare", "s3cret", 0o600), ""},
		{"environment", "env:KEYRITE_TEST_PIN", ""},
		{"file that others can read", write("open", "s3cret", 0o644), "mode; got 0644, want 0600 or 0400"},
		{"file that can be run", write("run", "s3cret", 0o700), "mode; got 0700"},
		{"file that the group can write", write("group", "s3cret", 0o620), "mode; got 0620"},
		{"empty file", write("empty", "\n", 0o600), "not one line"},
		{"two lines", write("two", "s3cret\nmore\n", 0o600), "not one line"},
		{"too long", write("long", strings.Repeat("7", 1025), 0o600), "not one line"},
		{"symbolic link", "file:" + link, "too many levels of symbolic links"},
		{"pipe", "file:" + pipe, "not a regular file"},
		{"directory", "file:" + dir, "not a regular file"},
		{"missing file", "file:/nowhere/pin", "no such file"},
		{"missing variable", "env:KEYRITE_NO_SUCH_PIN", "not set"},
		{"closed descriptor", "fd:987", "bad file descriptor"},
	} {
		t.Run(test.name, func(t *testing.T) {
			source, err := hsm.ParsePINSource(test.source)
			if err != nil {
				t.Fatal(err)
			}
			pin, err := source.Read(func() ([]byte, error) { return nil, errors.New("asked") })
			if test.problem != "" {
				wantError(t, err, hsm.ErrPINSource, test.problem)
				if strings.Contains(err.Error(), "s3cret") {
					t.Errorf("the error holds the PIN: %v", err)
				}
				return
			}
			if err != nil || string(pin) != "s3cret" {
				t.Errorf("got %q, %v", pin, err)
			}
		})
	}
}

func TestPINFromDescriptor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("s3cret\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	fd, err := syscall.Dup(int(r.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	source, err := hsm.ParsePINSource("fd:" + strconv.Itoa(fd))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // signatures of one run; each wipes what it got
		pin, err := source.Read(nil)
		if err != nil || string(pin) != "s3cret" {
			t.Errorf("got %q, %v", pin, err)
		}
		hsm.Wipe(pin)
	}
}

func TestParsePINSourceNeverRepeatsItsText(t *testing.T) {
	for _, text := range []string{"s3cret", "pin:s3cret", "file:s3cret", "fd:s3cret", "fd:1", "fd:2", "ask:s3cret", "env:", ""} {
		_, err := hsm.ParsePINSource(text)
		wantError(t, err, hsm.ErrPINSource, "want ask")
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error repeats the text: %v", err)
		}
	}
	var zero hsm.PINSource
	pin, err := zero.Read(func() ([]byte, error) { return []byte("typed"), nil })
	if err != nil || string(pin) != "typed" || zero.String() != "ask" {
		t.Errorf("got %q, %v", pin, err)
	}
}

func TestWipe(t *testing.T) {
	secret := []byte("s3cret")
	hsm.Wipe(secret)
	if !bytes.Equal(secret, make([]byte, 6)) {
		t.Errorf("got %q", secret)
	}
}
