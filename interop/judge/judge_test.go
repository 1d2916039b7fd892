package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/interop/generate"
)

func TestReadExceptions(t *testing.T) {
	list, err := readExceptions("../exceptions.txt")
	if err != nil || len(list) == 0 {
		t.Fatalf("%d exceptions, %v", len(list), err)
	}
	var cases, names []string
	for _, c := range generate.Cases() {
		cases = append(cases, c.Name)
	}
	for _, p := range peers {
		names = append(names, p.name)
	}
	for _, e := range list {
		for _, name := range e.cases {
			if name != leftOut && !slices.Contains(cases, name) {
				t.Errorf("no case is called %q", name)
			}
		}
		for _, name := range e.peers {
			if !slices.Contains(names, name) {
				t.Errorf("no peer is called %q", name)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "exceptions.txt")
	if err := os.WriteFile(path, []byte("# a comment\n\nno colon\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readExceptions(path); err == nil || !strings.Contains(err.Error(), ":3: ") {
		t.Errorf("got %v, want line 3 refused", err)
	}
}

func TestCompare(t *testing.T) {
	keyrite, other := peer{name: own}, peer{name: "other"}
	good, bad := generate.Case{Name: "good", Good: true}, generate.Case{Name: "bad"}
	yes, no := &verdict{accepts: true}, &verdict{reason: "no"}
	known := []exception{{peers: []string{own, "other"}, cases: []string{"bad"}}, {peers: []string{"lost"}, cases: []string{leftOut}}}
	for _, c := range []struct {
		name string
		said [2][2]*verdict // of good and bad, by keyrite and the other
		left []absence
		ok   bool
	}{
		{"as expected", [2][2]*verdict{{yes, yes}, {no, yes}}, nil, true},
		{"keyrite errs, whatever the exceptions say", [2][2]*verdict{{yes, yes}, {yes, yes}}, nil, false},
		{"keyrite refuses what is good", [2][2]*verdict{{no, yes}, {no, yes}}, nil, false},
		{"a peer errs", [2][2]*verdict{{yes, no}, {no, yes}}, nil, false},
		{"a peer no longer errs", [2][2]*verdict{{yes, yes}, {no, no}}, nil, false},
		{"a peer is not asked", [2][2]*verdict{{yes, nil}, {no, nil}}, nil, true},
		{"no toolchain", [2][2]*verdict{{yes, yes}, {no, yes}}, []absence{{peer{name: "rust"}, errNoTool}}, true},
		{"a build fails", [2][2]*verdict{{yes, yes}, {no, yes}}, []absence{{peer{name: "rust"}, errors.New("x")}}, false},
		{"a build fails, as known", [2][2]*verdict{{yes, yes}, {no, yes}}, []absence{{peer{name: "lost"}, errors.New("x")}}, true},
	} {
		trial := &trial{
			cases: []generate.Case{good, bad},
			peers: []peer{keyrite, other},
			said:  [][]*verdict{c.said[0][:], c.said[1][:]},
			left:  c.left,
		}
		if err := trial.compare(known); (err == nil) != c.ok {
			t.Errorf("%s: got %v, want it fine: %v", c.name, err, c.ok)
		}
	}
}

func TestRun(t *testing.T) {
	for script, want := range map[string]*verdict{
		"echo noise; echo ACCEPT":  {accepts: true},
		"echo REJECT: too old":     {reason: "too old"},
		"echo perhaps":             nil,
		"echo ACCEPT; exit 1":      nil,
		"echo 'REJECT: x'; exit 3": nil,
	} {
		p := peer{name: "p", driver: []string{"sh", "-c", script}}
		got, err := p.run(context.Background(), t.TempDir(), "root", "base", "state", nil)
		switch {
		case want == nil && err == nil:
			t.Errorf("%q: got %v, want no verdict", script, got)
		case want != nil && (err != nil || got != *want):
			t.Errorf("%q: got %v, %v; want %v", script, got, err, *want)
		}
	}
}

// TestVersions finds every peer's version in its lock file.
func TestVersions(t *testing.T) {
	for _, p := range peers {
		version, err := p.version("..")
		if err != nil || version == "" && p.name != own {
			t.Errorf("%s: version %q, %v", p.name, version, err)
		}
	}
}
