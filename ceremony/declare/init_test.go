package declare

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/disk/disktest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/schema"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func TestInit(t *testing.T) {
	for _, format := range []string{"tuf", "ota-ce"} {
		dir := filepath.Join(t.TempDir(), "new", "fleet")
		if err := Init(dir, InitParams{Fleet: "roadster", Format: format}); err != nil {
			t.Fatal(err)
		}
		want := []string{".gitattributes", ".gitignore", ".keyrite", ".keyrite/schemas"}
		for _, name := range schema.Written() {
			want = append(want, schema.Dir+"/"+name+".json")
		}
		slices.Sort(want)
		if got, want := disktest.Tree(t, dir), append(want, "keys", "site.yaml", "trust.yaml"); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		ws, err := workspace.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		if _, err := ws.Site(); err != nil {
			t.Error(err)
		}
		trust, err := ws.Trust()
		if err != nil {
			t.Fatal(err)
		}
		if trust.Fleet != "roadster" {
			t.Errorf("fleet: got %q", trust.Fleet)
		}
		image, director := trust.Repositories["image"], trust.Repositories["director"]
		if image.ID.IsZero() || image.ID == director.ID || image.LedgerID() != image.ID {
			t.Errorf("ids: got %s and %s, want two that differ", image.ID, director.ID)
		}
		wantQuorums(t, trust.Repositories["image"], format, map[string][2]int{"root": {2, 3}, "targets": {2, 3}, "snapshot": {1, 2}, "timestamp": {1, 2}})
		wantQuorums(t, trust.Repositories["director"], format, map[string][2]int{"root": {2, 3}, "targets": {1, 1}, "snapshot": {1, 1}, "timestamp": {1, 1}})
		for _, role := range workspace.TopLevel[1:] {
			key := trust.Repositories["director"].Roles[role].Keys[0]
			if trust.Repositories["director"].Keys[key].Public == "" {
				t.Errorf("director's %s: want the public key of the online service", role)
			}
		}
	}
}

// wantQuorums compares thresholds and numbers of keys.
func wantQuorums(t *testing.T, r *workspace.Repository, format string, want map[string][2]int) {
	t.Helper()
	if r.Format != format {
		t.Errorf("%s: format is %q, want %q", r.Name, r.Format, format)
	}
	for role, decl := range r.Roles {
		if got := [2]int{decl.Threshold, len(decl.Keys)}; got != want[role] {
			t.Errorf("%s of %s: got %d of %d, want %d of %d", role, r.Name, got[0], got[1], want[role][0], want[role][1])
		}
	}
}

// TestInitExamples holds that what the comments show works when their marks
// are removed.
func TestInitExamples(t *testing.T) {
	mark := regexp.MustCompile(`(?m)^( *)# ((?:  )*(?:- |[a-z0-9-]+: ?).*)$`)
	trust, err := fillTemplate(workspace.TrustFile, InitParams{Fleet: "roadster", Format: "tuf"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := workspace.ParseTrust(workspace.TrustFile, uncomment(mark, trust, "# acme-1:", "# delegations:", "# waivers:"))
	if err != nil {
		t.Fatal(err)
	}
	if r := got.Repositories["image"]; len(r.Delegations) != 1 || len(r.Waivers) != 1 || len(r.Keys) != 12 {
		t.Errorf("got %d delegations, %d waivers and %d keys", len(r.Delegations), len(r.Waivers), len(r.Keys))
	}
	site, err := Starter(workspace.SiteFile, InitParams{})
	if err != nil {
		t.Fatal(err)
	}
	pinned := bytes.Replace(site, []byte("    env:"), []byte("    sha256: "+hash+"\n    env:"), 1)
	room, err := workspace.ParseSite(workspace.SiteFile, uncomment(mark, pinned, "# tokens:", "# keys:", "# waivers:"), "/work")
	if err != nil {
		t.Fatal(err)
	}
	if len(room.Tokens) != 3 || len(room.Keys) != 4 || len(room.Waivers) != 1 {
		t.Errorf("got %d tokens, %d keys and %d waivers", len(room.Tokens), len(room.Keys), len(room.Waivers))
	}
}

// uncomment removes the comment marks of the blocks that begin with those lines.
func uncomment(mark *regexp.Regexp, data []byte, starts ...string) []byte {
	var lines []string
	inside := false
	for line := range strings.SplitSeq(string(data), "\n") {
		trimmed := strings.TrimSpace(line)
		inside = inside && strings.HasPrefix(trimmed, "#")
		for _, start := range starts {
			inside = inside || strings.HasPrefix(trimmed, start)
		}
		if inside {
			line = mark.ReplaceAllString(line, "$1$2")
		}
		lines = append(lines, line)
	}
	return []byte(strings.Join(lines, "\n"))
}

func TestInitRefuses(t *testing.T) {
	for _, name := range []string{"trust.yaml", "site.yaml"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		err := Init(dir, InitParams{Fleet: "roadster", Format: "tuf"})
		if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), name+" is there already") {
			t.Errorf("got %v", err)
		}
		if got := disktest.Tree(t, dir); !slices.Equal(got, []string{name}) {
			t.Errorf("left behind: %q", got)
		}
		if got, _ := os.ReadFile(filepath.Join(dir, name)); !bytes.Equal(got, []byte("old")) {
			t.Errorf("changed %s", name)
		}
	}
	for _, params := range []InitParams{
		{Fleet: "roadster", Format: "json"},
		{Fleet: "", Format: "tuf"},
		{Fleet: "a\nversion: 2", Format: "tuf"},
		{Fleet: "a: b", Format: "tuf"},
		{Fleet: "a #b", Format: "tuf"},
	} {
		dir := filepath.Join(t.TempDir(), "new")
		if err := Init(dir, params); fault.CodeOf(err) != fault.Usage {
			t.Errorf("%+v: got %v", params, err)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%+v: left a folder behind", params)
		}
	}
}
