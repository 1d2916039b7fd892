package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
)

func TestRehearsal(t *testing.T) {
	ws, dir := opened(t)
	if r, err := ws.Rehearsal(); r != nil || err != nil {
		t.Errorf("without the file: got %+v, %v", r, err)
	}
	made := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	want := &Rehearsal{Version: 1, Of: "2026-11-30-image-1", Plan: digest.Of([]byte("plan")), Made: made, Until: made.AddDate(0, 0, 7)}
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, RehearsalFile)
	for text, problem := range map[string]string{
		string(data): "",
		strings.Replace(string(data), "version: 1", "version: 2", 1): "version is 2, want 1",
		"version: 1\n":          "is missing",
		string(data) + "x: 1\n": "x",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ws.Rehearsal()
		if problem != "" {
			if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), problem) {
				t.Errorf("got %v, want %s", err, problem)
			}
			continue
		}
		if err != nil || got.Of != want.Of || got.Plan != want.Plan || !got.Until.Equal(want.Until) || !got.Made.Equal(made) {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

// TestBelongs keeps the two worlds apart, both ways.
func TestBelongs(t *testing.T) {
	in := &Rehearsal{Of: "c"}
	for _, tt := range []struct {
		r    *Rehearsal
		fake bool
		want string
	}{
		{nil, false, ""}, {in, true, ""},
		{nil, true, "x: it is of a rehearsal"}, {in, false, "x: it is a real one"},
	} {
		err := tt.r.Belongs(tt.fake, "x")
		if tt.want == "" && err != nil || tt.want != "" && (fault.CodeOf(err) != fault.Refused || !strings.HasPrefix(err.Error(), tt.want)) {
			t.Errorf("%v, fake %v: got %v", tt.r, tt.fake, err)
		}
		if hints := fault.Hints(err); strings.Contains(tt.want, "it is a real one") && !slices.Equal(hints, []string{"rehearse anew: keyrite rehearse c"}) {
			t.Errorf("got the hints %q", hints)
		}
	}
}

// TestFakeKeys lists each key once, and refuses any of them under any name.
func TestFakeKeys(t *testing.T) {
	ws, dir := opened(t)
	fakes := map[string]digest.SHA256{"root-a": digest.Of([]byte("a")), "root-b": digest.Of([]byte("b"))}
	if err := ws.NotFake(fakes); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := ws.AddFakes("rehearsals/c/FAKE-1", fakes); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := os.ReadFile(filepath.Join(dir, fakeKeys)); err != nil || strings.Count(string(data), "\n") != 2 {
		t.Errorf("got %s, %v", data, err)
	}
	err := ws.NotFake(map[string]digest.SHA256{"acme": digest.Of([]byte("b"))})
	if fault.CodeOf(err) != fault.Refused || err.Error() != "key acme is FAKE: its public key is that of root-b of rehearsals/c/FAKE-1" {
		t.Errorf("got %v", err)
	}
	if hints := fault.Hints(err); !slices.Equal(hints, []string{"take keys/acme.yaml away; rehearsals/fake-keys.txt lists the keys of all rehearsals"}) {
		t.Errorf("got the hints %q", hints)
	}
	if err := ws.NotFake(map[string]digest.SHA256{"acme": digest.Of([]byte("c"))}); err != nil {
		t.Error(err)
	}
}

func opened(t *testing.T) (*Workspace, string) {
	t.Helper()
	dir := t.TempDir()
	ws, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws, dir
}
