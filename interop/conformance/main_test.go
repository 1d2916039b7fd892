package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/interop/generate"
	"github.com/uptane/keyrite/roles"
)

// fixture is a published repository and a client that trusts its first root,
// as the suite drives it.
type fixture struct {
	testing.TB
	dir   string // of the repository: before/ is served first, then now/
	now   string
	url   string
	asked []string // requests since the last call of run
}

// newFixture publishes the honest repository of the profile `plain` under
// before/ and a bent one under now/.
func newFixture(t testing.TB, bend func(*generate.Repository)) *fixture {
	c := generate.Cases()[0]
	c.Bend = bend
	f := &fixture{TB: t, dir: t.TempDir(), now: "before"}
	if err := c.Write(f.dir); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"metadata", "targets"} {
		if err := os.Mkdir(filepath.Join(f.dir, "client-"+dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	f.url = server.URL
	f.expect(true, "", "init", filepath.Join(f.dir, "root.json"))
	return f
}

// serve answers for names as they are escaped in the request.
func (f *fixture) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	f.asked = append(f.asked, strings.TrimPrefix(name, "metadata/"))
	root, err := os.OpenRoot(filepath.Join(f.dir, f.now))
	if err != nil {
		f.Error(err)
		return
	}
	defer root.Close()
	data, err := root.ReadFile(name)
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Write(data)
}

// expect runs a command and compares what it asks of the server.
func (f *fixture) expect(good bool, asked string, command ...string) {
	f.Helper()
	f.asked = nil
	err := run(append([]string{
		"--metadata-dir", filepath.Join(f.dir, "client-metadata"), "--metadata-url", f.url + "/metadata/",
		"--target-base-url", f.url + "/targets", "--target-dir", filepath.Join(f.dir, "client-targets"),
	}, command...))
	if (err == nil) != good {
		f.Errorf("%q: got %v, want success: %t", command, err, good)
	}
	if !slices.Equal(f.asked, strings.Fields(asked)) {
		f.Errorf("%q asked for\n%q, want\n%q", command, f.asked, strings.Fields(asked))
	}
}

// trusts compares the versions that the client has on disk.
func (f *fixture) trusts(versions map[string]int64) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join(f.dir, "client-metadata", "*.json"))
	if err != nil || len(files) != len(versions) {
		f.Errorf("the client keeps %q, want %d files", files, len(versions))
	}
	for role, want := range versions {
		data, err := os.ReadFile(filepath.Join(f.dir, "client-metadata", role+".json"))
		if err != nil {
			f.Fatal(err)
		}
		kind := roles.Type(role)
		if !slices.Contains(roles.TopLevel, kind) {
			kind = roles.TypeTargets
		}
		file, err := roles.Read(roles.TUF, kind, data)
		if err != nil {
			f.Fatal(err)
		}
		if got := roles.HeadOf(file.Body).Version; got != want {
			f.Errorf("%s: the client keeps version %d, want %d", role, got, want)
		}
	}
}

const firstRefresh = "2.root.json 3.root.json 4.root.json timestamp.json 4.snapshot.json 3.targets.json"

// TestRequests asks for each file once, in the order of TUF 1.0.34 §5.3 to
// §5.7, and for nothing that it has.
func TestRequests(t *testing.T) {
	f := newFixture(t, func(r *generate.Repository) {
		roles.HeadOf(r.Timestamp.Body).Version = 6
		roles.HeadOf(r.Snapshot.Body).Version = 5
		roles.HeadOf(r.Delegated.Body).Version = 3
	})
	f.expect(true, firstRefresh, "refresh")
	f.trusts(map[string]int64{"root": 3, "timestamp": 5, "snapshot": 4, "targets": 3})
	f.expect(true, "4.root.json timestamp.json", "refresh")
	f.expect(false, "4.root.json timestamp.json", "--target-name", "none", "download")
	top := "targets/" + f.hashed("readme.txt")
	f.expect(true, "4.root.json timestamp.json "+top, "--target-name", "readme.txt", "download")
	f.expect(true, "4.root.json timestamp.json", "--target-name", "readme.txt", "download")
	app := "targets/" + f.hashed("app.bin")
	f.expect(true, "4.root.json timestamp.json 2.firmware.json "+app, "--target-name", "app.bin", "download")
	f.now = "now"
	f.expect(true, "4.root.json timestamp.json 5.snapshot.json 3.firmware.json", "--target-name", "app.bin", "download")
	f.trusts(map[string]int64{"root": 3, "timestamp": 6, "snapshot": 5, "targets": 3, "firmware": 3})
	f.now = "before"
	f.expect(false, "4.root.json timestamp.json", "refresh") // rollback
	f.trusts(map[string]int64{"root": 3, "timestamp": 6, "snapshot": 5, "targets": 3, "firmware": 3})
}

// TestSeveral gets images in their order with one client, and none after the
// first that it refuses.
func TestSeveral(t *testing.T) {
	f := newFixture(t, nil)
	got := firstRefresh + " targets/" + f.hashed("readme.txt")
	f.expect(false, got, "--target-name", "readme.txt", "--target-name", "none", "--target-name", "app.bin", "download")
	entries, err := os.ReadDir(filepath.Join(f.dir, "client-targets"))
	if err != nil || len(entries) != 1 {
		t.Errorf("the client keeps %v, %v; want the first image", entries, err)
	}
}

// hashed is the published name of an image, by its SHA-256.
func (f *fixture) hashed(path string) string {
	found, err := filepath.Glob(filepath.Join(f.dir, "before", "targets", strings.Repeat("?", 64)+"."+path))
	if err != nil || len(found) != 1 {
		f.Fatalf("%q, %v: want one copy of %s", found, err, path)
	}
	return filepath.Base(found[0])
}

// TestStops keeps what was good and asks for nothing after the first bad file.
func TestStops(t *testing.T) {
	past := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	unsigned := func(f *generate.File) { f.Signers = nil }
	for _, c := range []struct {
		name  string
		bend  func(*generate.Repository)
		asked int // how many of the first refresh
		kept  map[string]int64
	}{
		{"second root unsigned", func(r *generate.Repository) { unsigned(r.Roots[1]) }, 1, map[string]int64{"root": 1}},
		{"last root expired", func(r *generate.Repository) { roles.HeadOf(r.Roots[2].Body).Expires = past }, 3, map[string]int64{"root": 3}},
		{"timestamp unsigned", func(r *generate.Repository) { unsigned(r.Timestamp) }, 4, map[string]int64{"root": 3}},
		{"timestamp expired", func(r *generate.Repository) { roles.HeadOf(r.Timestamp.Body).Expires = past }, 4, map[string]int64{"root": 3}},
		{"snapshot unsigned", func(r *generate.Repository) { unsigned(r.Snapshot) }, 5, map[string]int64{"root": 3, "timestamp": 5}},
		{"targets expired", func(r *generate.Repository) { roles.HeadOf(r.Targets.Body).Expires = past }, 6, map[string]int64{"root": 3, "timestamp": 5, "snapshot": 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c.bend)
			f.now = "now"
			f.expect(false, strings.Join(strings.Fields(firstRefresh)[:c.asked], " "), "refresh")
			f.trusts(c.kept)
		})
	}
}

// TestBadTrust asks for nothing without a sound root to trust.
func TestBadTrust(t *testing.T) {
	f := newFixture(t, nil)
	bad := filepath.Join(f.dir, "bad.json")
	for _, text := range []string{`{"signatures":[],"signed":{"_type":"root"}}`, ``} {
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(f.dir, "client-metadata", "root.json")); err != nil {
			t.Fatal(err)
		}
		f.expect(false, "", "init", bad)
		f.expect(false, "", "refresh")
	}
	f.expect(false, "", "upgrade")
}

// TestQuoting asks for roles with strange names, and stays in its folders.
func TestQuoting(t *testing.T) {
	for name, asked := range map[string]string{"?": "2.%3F.json", "#": "2.%23.json", "/role": "2.%2Frole.json", "../role": "2...%2Frole.json"} {
		f := newFixture(t, func(r *generate.Repository) {
			r.Delegate = name
			r.Targets.Body.(*roles.Targets).Delegations.Roles[0].Name = name
		})
		f.now = "now"
		f.expect(true, firstRefresh+" "+asked+" targets/"+f.hashed("app.bin"), "--target-name", "app.bin", "download")
		if entries, err := os.ReadDir(filepath.Join(f.dir, "client-metadata")); err != nil || len(entries) != 5 {
			t.Errorf("%s: the client keeps %v, %v; want 5 files", name, entries, err)
		}
	}
}

// TestSubstitution does not take other content for an image that has not
// changed in the metadata, and leaves none behind.
func TestSubstitution(t *testing.T) {
	f := newFixture(t, func(r *generate.Repository) { r.Images["readme.txt"] = []byte("an attacker's words") })
	f.now = "now"
	f.expect(false, firstRefresh+" targets/"+f.hashed("readme.txt"), "--target-name", "readme.txt", "download")
	if entries, err := os.ReadDir(filepath.Join(f.dir, "client-targets")); err != nil || len(entries) != 0 {
		t.Errorf("the client kept %v, %v", entries, err)
	}
}
