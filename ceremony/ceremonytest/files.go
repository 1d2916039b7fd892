package ceremonytest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/workspace"
)

// MakeDir makes a folder and those above it.
func MakeDir(t testing.TB, parts ...string) string {
	t.Helper()
	dir := filepath.Join(parts...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Content reads a file.
func Content(t testing.TB, parts ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Rewrite changes a file, as somebody does who has the disk.
func Rewrite(t testing.TB, dir, name string, change func(string) string) {
	t.Helper()
	old := Content(t, dir, name)
	text := change(old)
	if text == old {
		t.Fatalf("%s does not change", name)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Open opens a workspace until the test ends.
func Open(t testing.TB, dir string) *workspace.Workspace {
	t.Helper()
	ws, err := workspace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws
}

// Copy copies a workspace with its tokens, whose absolute paths it mends in the
// files that are given.
func Copy(t testing.TB, from string, mend ...string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	for _, name := range mend {
		path := filepath.Join(to, name)
		if err := os.WriteFile(path, bytes.ReplaceAll([]byte(Content(t, path)), []byte(from), []byte(to)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// LineOf is what stands behind a text, as far as it goes in one file's entry.
func LineOf(text, begin string) string {
	_, rest, _ := strings.Cut(text, begin)
	entry, _, _ := strings.Cut(rest, "version\":")
	return entry
}
