package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// TestPlaceReplacesFixedNamesOnly hands an edited plan's file to the writer, with
// the right hash of what it would replace.
func TestPlaceReplacesFixedNamesOnly(t *testing.T) {
	for _, test := range []struct {
		format roles.Format
		role   string
		path   string
		fixed  bool
	}{
		{roles.TUF, "timestamp", "image/metadata/timestamp.json", true},
		{roles.OTACE, "targets", "image/metadata/targets.json", true},
		{roles.OTACE, "acme", "image/metadata/delegations/acme.json", true},
		{roles.TUF, "targets", "image/metadata/1.targets.json", false},
		{roles.TUF, "targets", "image/metadata/timestamp.json", false},
		{roles.OTACE, "root", "image/metadata/1.root.json", false},
		{roles.OTACE, "targets", "director/metadata/targets.json", false},
		{roles.TUF, "timestamp", "trust.yaml", false},
		{roles.TUF, "timestamp", "ceremonies/2026-11-23-image-1/main/transcript.jsonl", false},
		{roles.TUF, "timestamp", "image/timestamp.json", false},
	} {
		dir := t.TempDir()
		name := filepath.Join(dir, test.path)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		ws, err := workspace.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		m := &machine{Run: &Run{Room: room.Room{Workspace: ws}}, plan: &plan.Plan{Repository: "image"}, scene: &scene.Scene{Format: test.format, Signed: signed.New("image", test.format)}}
		err = m.place(plan.File{Role: test.role, Path: test.path, Replaces: digest.Of([]byte("old"))}, []byte("new"), "kept")
		if (err == nil) != test.fixed {
			t.Errorf("%s: got %v", test.path, err)
		}
		if err != nil && !strings.Contains(err.Error(), "is not a name that the layout fixes") {
			t.Errorf("%s: got %v", test.path, err)
		}
		if got, want := ceremonytest.Content(t, dir, test.path), map[bool]string{true: "new", false: "old"}[test.fixed]; got != want {
			t.Errorf("%s: got %q, want %q", test.path, got, want)
		}
	}
}
