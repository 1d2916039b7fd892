package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// walks are the visits of vehicles to repositories that lived random lives: each has a
// root from the factory and, by number, what was served and what `keyrite simulate`
// said of it. scripts/interop.sh has ceremony/life write them.
const walks = "../work/walks"

// TestWalks sends go-tuf and python-tuf on the same walks, with the same memory from
// one visit to the next. They come along where keyrite said so.
func TestWalks(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(walks, "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%s is empty (%v); run make interop", walks, err)
	}
	for _, p := range peers {
		if p.name != "go-tuf v2" && p.name != "python-tuf" {
			continue
		}
		if err := p.make(".."); err != nil {
			t.Fatal(err)
		}
		visits := 0
		for _, dir := range dirs {
			visits += p.walk(t, dir)
		}
		t.Logf("%s: %d vehicles, %d visits", p.name, len(dirs), visits)
	}
}

// walk sends a client on one walk. It returns how often it came by.
func (p peer) walk(t *testing.T, dir string) int {
	t.Helper()
	state := t.TempDir()
	root, err := filepath.Abs(filepath.Join(dir, "root.json"))
	if err != nil {
		t.Fatal(err)
	}
	visits, err := filepath.Glob(filepath.Join(dir, "visit-*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(visits)
	for _, visit := range visits {
		server := httptest.NewServer(http.FileServer(http.Dir(visit)))
		said, err := p.run(t.Context(), "..", root, server.URL, state, nil)
		server.Close()
		if err != nil {
			t.Fatal(err)
		}
		if want := visit[strings.LastIndex(visit, "-")+1:]; said.word() != want {
			t.Errorf("%s %s %s (%s); keyrite simulate said that it %s it", p.name, said.word(), visit, said.reason, want)
			break // from here on they remember other things
		}
	}
	return len(visits)
}
