package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestPeople holds a ceremony at a terminal: a wrong PIN is not tried again, and
// nothing happens without the exact phrase. Each run goes on where the one before
// it stopped.
func TestPeople(t *testing.T) {
	dir := t.TempDir()
	if err := furnish(dir, newTokens(t)); err != nil {
		t.Fatal(err)
	}
	askForPINs(t, dir)
	out, err := exec.Command("keyrite", "-C", dir, "plan", "image").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	hashes := hashLine.FindAllStringSubmatch(string(out), -1)
	paper := paper{"plan": hashes[0][1], "room": hashes[1][1]}
	// Three keys on one token are made for one PIN. A later run believes no record of a
	// key before its token has confirmed it.
	everyToken := slices.Clip([]string{"officer-1", "officer-2", "officer-3", "release"})
	for _, run := range []struct {
		name    string
		wrong   string // the question that gets a wrong answer
		keys    string // that answer; empty: the power fails
		code    int
		pins    []string // the tokens whose PINs are asked for, in order
		says    string
		without []string // what must not be there afterwards
	}{
		{"wrong PIN", "PIN of token officer-1", "1234\n", 6, []string{"officer-1"}, "C_Login: wrong PIN", []string{"keys", "image"}},
		{"key not confirmed", "generate root-a", "yes\n", 1, []string{"officer-1"}, "not confirmed", []string{"keys", "image"}},
		{"no PIN", "PIN of token officer-2", "\n", 6, []string{"officer-1", "officer-2"}, "no PIN was entered", []string{"keys/root-b.yaml", "image"}},
		{"root not confirmed", "sign root 1", "sign root 1\n", 1, []string{"officer-2", "officer-3", "release", "officer-1"}, "not confirmed", []string{"ceremonies/*/signatures", "image"}},
		{"Ctrl-C", "sign targets 1", "\x03", 130, append(everyToken, "officer-1", "officer-2"), "interrupted", []string{"image/metadata/*targets.json"}},
		{"power failure", "sign snapshot 1", "", -1, append(everyToken, "release"), "review snapshot 1", []string{"image/metadata/*snapshot.json"}},
		{"all as it should be", "", "", 0, append(everyToken, "release", "release"), "done: ", nil},
		{"nothing left", "", "", 0, nil, "is finished already", nil},
	} {
		t.Run(run.name, func(t *testing.T) {
			seen := sitDown(t, dir, paper, run.wrong, run.keys)
			if seen.code != run.code {
				t.Errorf("exit code: got %d, want %d", seen.code, run.code)
			}
			if !slices.Equal(seen.pins, run.pins) {
				t.Errorf("PINs asked for: got %v, want %v", seen.pins, run.pins)
			}
			if !strings.Contains(seen.screen, run.says) {
				t.Errorf("%q does not show", run.says)
			}
			if strings.Contains(seen.screen, pin) {
				t.Error("the PIN shows")
			}
			for _, pattern := range run.without {
				if found, _ := filepath.Glob(filepath.Join(dir, pattern)); found != nil {
					t.Errorf("%s is there", found)
				}
			}
			if t.Failed() {
				t.Log(seen.screen)
			}
		})
	}
	root := filepath.Join(dir, "image", "metadata", "1.root.json")
	if out, err := exec.Command("keyrite", "verify", filepath.Join(dir, "image"), "--trusted-root", root).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// types is exits with a person at the terminal, who has the paper of the plan and
// types one line at the first question that is not about the paper, and nothing at
// those after it. The line as-asked is the phrase that is asked for. What they saw is
// in the file screen afterwards:
//
//	types LINE CODE keyrite ARGUMENTS...
func types(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: types LINE CODE keyrite ARGUMENTS...")
	}
	keyrite := exec.Command(args[2], args[3:]...)
	keyrite.Dir, keyrite.Env = ts.Getenv("WORK"), append(os.Environ(), "KEYRITE_PLAIN=1", "PIN_2="+pin, "KEYRITE_ANSWERED="+ts.Getenv("KEYRITE_ANSWERED"))
	paper := paper{"plan": ts.Getenv("PLANSHA"), "room": ts.Getenv("ROOMSHA"), "head": lastHead(ts)}
	asked := false
	wide := &pty.Winsize{Rows: 24, Cols: 120}
	screen, code, err := converseOn(keyrite, wide, paper, func(a ask) (string, bool) {
		line := args[0]
		if asked {
			line = ""
		} else if line == "as-asked" {
			line = a.right
		}
		asked = true
		return line + "\n", true
	}, nil)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(keyrite.Dir, "screen"), []byte(screen), 0o600))
	if strconv.Itoa(code) != args[1] {
		ts.Fatalf("exit code: got %d, want %s\n%s", code, args[1], screen)
	}
}

var checkpoint = regexp.MustCompile(`"event":"checkpoint",.*"hash":"([0-9a-f]{64})"`)

// lastHead is what the witness wrote down when the newest ceremony stopped.
func lastHead(ts *testscript.TestScript) string {
	transcripts, err := filepath.Glob(filepath.Join(ts.Getenv("WORK"), "ceremonies", "*", "*", "transcript.jsonl"))
	ts.Check(err)
	if len(transcripts) == 0 {
		return ""
	}
	data, err := os.ReadFile(transcripts[len(transcripts)-1])
	ts.Check(err)
	heads := checkpoint.FindAllSubmatch(data, -1)
	if heads == nil {
		return ""
	}
	return string(heads[len(heads)-1][1])
}

var serialLine = regexp.MustCompile(`"serial": "([0-9a-f]+)"`)

// serial puts the serial number of a token into $SERIAL.
func serial(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serial TOKEN")
	}
	ts.Check(ts.Exec("keyrite", "token", "info", args[0], "--output", "json"))
	ts.Setenv("SERIAL", serialLine.FindStringSubmatch(ts.ReadFile("stdout"))[1])
}

// askForPINs makes every token of site.yaml one that needs a person.
func askForPINs(t *testing.T, dir string) {
	file := filepath.Join(dir, "site.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data = regexp.MustCompile(`pin: .*}`).ReplaceAll(data, []byte("pin: ask}"))
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// session is what a person at the terminal saw.
type session struct {
	code   int
	pins   []string // tokens whose PINs were asked for
	screen string
}

// sitDown runs the one plan of dir at a terminal and gives every question its
// answer, but these keys, or the death of keyrite, to the one that begins with
// wrong.
func sitDown(t *testing.T, dir string, p paper, wrong, keys string) (s session) {
	t.Helper()
	plans, err := filepath.Glob(filepath.Join(dir, "ceremonies", "*", "plan.yaml"))
	if err != nil || len(plans) != 1 {
		t.Fatalf("got plans %v and %v, want one", plans, err)
	}
	keyrite := exec.Command("keyrite", "-C", dir, "run", plans[0])
	keyrite.Env = append(os.Environ(), "KEYRITE_PLAIN=1")
	s.screen, s.code, err = converse(keyrite, p, func(a ask) (string, bool) {
		if token, is := strings.CutPrefix(a.what, "PIN of token "); is {
			s.pins = append(s.pins, token)
		}
		if wrong == "" || !strings.HasPrefix(a.what, wrong) {
			return a.right + "\n", true
		}
		if keys == "" {
			keyrite.Process.Kill()
		}
		return keys, keys != ""
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
