package main

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// walks are the visits of vehicles to repositories that lived random lives: each has a
// root from the factory and, by number, what was served and what `keyrite simulate`
// said of it. scripts/interop.sh has ceremony/life write them.
const walks = "../work/walks"

// situations are what each runbook published, in the same form: scripts/interop.sh has
// the test of the runbooks leave it. Every client comes along.
const situations = "../work/situations"

// TestWalks sends go-tuf and python-tuf on the same walks, with the same memory from
// one visit to the next. They come along where keyrite said so.
func TestWalks(t *testing.T) {
	dirs := made(t, walks)
	for _, p := range peers {
		if p.name != "go-tuf v2" && p.name != "python-tuf" {
			continue
		}
		if err := p.make(".."); err != nil {
			t.Fatal(err)
		}
		visits := 0
		for _, dir := range dirs {
			visits += p.walk(t, dir, seen(t, dir))
		}
		t.Logf("%s: %d vehicles, %d visits", p.name, len(dirs), visits)
	}
}

// TestSituations sends every client that reads TUF through what each runbook published:
// from root 1, once as a vehicle that is there all the time, and once as one that left the
// factory and was away until the end. It downloads every image, the suppliers' too.
func TestSituations(t *testing.T) {
	dirs := made(t, situations)
	for _, p := range peers {
		if !p.reads(roles.TUF) {
			continue
		}
		if err := p.make(".."); err != nil {
			if p.name == "go-tuf v2" || p.name == "python-tuf" || p.name == own {
				t.Fatal(err)
			}
			t.Logf("%s is left out: %v", p.name, err)
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			visits := 0
			for _, dir := range dirs {
				if p.cannot(dir) {
					continue
				}
				all := seen(t, dir)
				visits += p.walk(t, dir, all)
				visits += p.walk(t, dir, all[len(all)-1:])
			}
			t.Logf("%d repositories, %d visits", len(dirs), visits)
		})
	}
}

// cannot says that a situation needs what a peer is known not to read: exceptions.txt
// says why.
func (p peer) cannot(dir string) bool {
	return p.name == "rust-tuf" && strings.Contains(dir, "key-type-changed") // p256
}

// made lists the folders that scripts/interop.sh has filled.
func made(t *testing.T, in string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(in, "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%s is empty (%v); run make interop", in, err)
	}
	return dirs
}

// seen are the visits of a walk, in order.
func seen(t *testing.T, dir string) []string {
	t.Helper()
	visits, err := filepath.Glob(filepath.Join(dir, "visit-*"))
	if err != nil || len(visits) == 0 {
		t.Fatalf("%s has no visits (%v)", dir, err)
	}
	slices.Sort(visits)
	return visits
}

// downloads are the paths of the images that a visit finds: they lie as DIR/HASH.NAME,
// once for each hash.
func (p peer) downloads(t *testing.T, visit string) (paths []string) {
	t.Helper()
	if p.direct {
		return nil
	}
	targets := os.DirFS(filepath.Join(visit, "targets"))
	err := fs.WalkDir(targets, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		dir, file := filepath.Split(path)
		_, name, _ := strings.Cut(file, ".")
		paths = append(paths, dir+name)
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if p.name == "tough" { // which asks for HASH.DIR/NAME where the specification has DIR/HASH.NAME
		paths = slices.DeleteFunc(paths, func(path string) bool { return strings.Contains(path, "/") })
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// walk sends a client on some visits, where it downloads all images. It returns how often it
// came by.
func (p peer) walk(t *testing.T, dir string, visits []string) int {
	t.Helper()
	state := t.TempDir()
	root, err := filepath.Abs(filepath.Join(dir, "root.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, visit := range visits {
		base, err := filepath.Abs(visit)
		if err != nil {
			t.Fatal(err)
		}
		if p.web {
			server := httptest.NewServer(http.FileServer(http.Dir(visit)))
			base = server.URL
			defer server.Close()
		}
		said, err := p.run(t.Context(), "..", root, base, state, p.downloads(t, visit))
		if err != nil {
			t.Fatal(err)
		}
		if want := visit[strings.LastIndex(visit, "-")+1:]; said.word() != want {
			t.Errorf("%s %s %s (%s); keyrite says that it %s it", p.name, said.word(), visit, said.reason, want)
			break // from here on they remember other things
		}
	}
	return len(visits)
}
