package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

func TestPending(t *testing.T) {
	for name, tt := range map[string]struct {
		old, new string // "": none
	}{
		"changed": {"a", "b"},
		"new":     {"", "b"},
		"same":    {"a", "a"},
		"none":    {"a", ""},
	} {
		dir := t.TempDir()
		folder, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		p := &Pending{Folder: folder, Name: "sub/list"}
		if tt.old != "" {
			p.Old = []byte(tt.old)
			if err := folder.Create("sub/list", p.Old); err != nil {
				t.Fatal(err)
			}
		}
		want := tt.old
		if tt.new != "" {
			p.New, want = []byte(tt.new), tt.new
		} else {
			p.Old = nil
		}
		for _, spelled := range []string{"sub/list", "sub/./list"} {
			if got, err := p.Read(spelled, 10); string(got) != want || err != nil {
				t.Errorf("%s: reads %q, %v, want %q", name, got, err, want)
			}
		}
		if data, _ := os.ReadFile(filepath.Join(dir, "sub/list")); string(data) != tt.old {
			t.Errorf("%s: written already: %q", name, data)
		}
		if err := p.Settle(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if data, _ := os.ReadFile(filepath.Join(dir, "sub/list")); string(data) != want {
			t.Errorf("%s: got %q, want %q", name, data, want)
		}
		folder.Close()
	}
}

func TestPendingRefuses(t *testing.T) {
	dir := t.TempDir()
	folder, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	p := &Pending{Folder: folder, Name: "list", Old: []byte("a"), New: []byte("long")}
	if _, err := p.Read("list", 3); fault.CodeOf(err) != fault.Usage {
		t.Errorf("too long: %v", err)
	}
	if _, err := p.Read("other", 3); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "list"), []byte("c"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Settle(); err == nil || !strings.Contains(err.Error(), "changed by somebody else") {
		t.Errorf("changed meanwhile: %v", err)
	}
}
