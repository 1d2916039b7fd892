package workspace

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/disk/disktest"
	"github.com/uptane/keyrite/ceremony/fault"
)

func testWorkspace(t *testing.T) *Workspace {
	t.Helper()
	ws, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws
}

func TestWorkspaceReadsItsFiles(t *testing.T) {
	ws := testWorkspace(t)
	disktest.MustCreate(t, ws.Folder, "trust.yaml", goodTrust)
	disktest.MustCreate(t, ws.Folder, "site.yaml", goodSite)
	disktest.MustCreate(t, ws.Folder, "lists/images.yaml", imagesYAML("a"))
	if trust, err := ws.Trust(); err != nil || trust.Fleet != "roadster" {
		t.Errorf("got %v and %v", trust, err)
	}
	site, err := ws.Site()
	if err != nil {
		t.Fatal(err)
	}
	if module, err := site.Module("safe"); err != nil || module.Env["SOFTHSM2_CONF"] != filepath.Join(ws.Dir, "hsm/softhsm2.conf") {
		t.Errorf("got %+v and %v", module, err)
	}
	if images, err := ws.Images("lists/images.yaml"); err != nil || len(images.Images) != 1 {
		t.Errorf("got %v and %v", images, err)
	}
}

func TestWorkspaceKeys(t *testing.T) {
	ws := testWorkspace(t)
	if keys, err := ws.Keys(); err != nil || len(keys) != 0 {
		t.Errorf("got %v and %v", keys, err)
	}
	record := testRecord(t, "root-a")
	if err := ws.AddKey(record); err != nil {
		t.Fatal(err)
	}
	if err := ws.AddKey(record); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want a refusal to overwrite", err)
	}
	disktest.MustCreate(t, ws.Folder, "keys/README", "not a key")
	keys, err := ws.Keys()
	if err != nil || len(keys) != 1 || keys["root-a"].Fingerprint() != record.Fingerprint() {
		t.Errorf("got %v and %v", keys, err)
	}
	if _, err := ws.Key("root-b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := ws.Key("../root-a"); fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
	disktest.MustCreate(t, ws.Folder, "keys/root-b.yaml", "version: 1\n")
	if _, err := ws.Keys(); err == nil || !strings.Contains(err.Error(), "keys/root-b.yaml:1: ") {
		t.Errorf("got %v, want the broken record", err)
	}
}

func TestWorkspaceErrors(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "absent")); fault.CodeOf(err) != fault.Usage || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	ws := testWorkspace(t)
	_, err := ws.Trust()
	if want := "trust.yaml: no such file or directory"; err == nil || err.Error() != want || fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v, want %q", err, want)
	}
	if hints := fault.Hints(err); len(hints) != 1 || !strings.Contains(hints[0], "keyrite init") {
		t.Errorf("got hints %q", hints)
	}
	if _, err := ws.Images("images.yaml"); fault.CodeOf(err) != fault.Usage || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
