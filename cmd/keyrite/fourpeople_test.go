package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// fourPeople is a workspace for a ceremony of an administrator, two officers and a
// witness.
func fourPeople(t *testing.T) (dir string, p paper) {
	t.Helper()
	dir = t.TempDir()
	if err := furnish(dir, newTokens(t)); err != nil {
		t.Fatal(err)
	}
	askForPINs(t, dir)
	err := edit(filepath.Join(dir, "trust.yaml"), "fleet: scripts\n", "fleet: scripts\npeople: {administrator: 1, witnesses: 1}\n",
		"      root-c: {type: ed25519, custodian: officer 3}\n", "", "root-a, root-b, root-c", "root-a, root-b", "release officer", "officer 1")
	if err != nil {
		t.Fatal(err)
	}
	hashes := hashLine.FindAllStringSubmatch(output(t, dir, "plan", "image", "--reason", "first root"), -1)
	return dir, paper{"plan": hashes[0][1], "room": hashes[1][1]}
}

// output is what a command that must succeed says.
func output(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.Command("keyrite", append([]string{"-C", dir}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// says is what somebody types when a question ends like this, once.
type says struct{ question, typed string }

// sit holds one run at a terminal of 80×24. Each of lines is typed at the first
// question that fits, in order; to every other one people type what is right.
func sit(t *testing.T, dir string, p paper, act func(screen string), lines ...says) (screen string, code int) {
	t.Helper()
	plans, _ := filepath.Glob(filepath.Join(dir, "ceremonies", "*", "plan.yaml"))
	keyrite := exec.Command("keyrite", "-C", dir, "run", plans[0])
	keyrite.Env = append(os.Environ(), "KEYRITE_PLAIN=1", "LANG=C.UTF-8", "LC_ALL=")
	right := func(a ask) (string, bool) { return a.right + "\n", true }
	screen, code, err := converseOn(keyrite, &pty.Winsize{Rows: 24, Cols: 80}, p, right, func(fresh string) (string, bool) {
		if act != nil {
			act(fresh)
		}
		if len(lines) == 0 || !regexp.MustCompile(lines[0].question+`$`).MatchString(fresh) {
			return "", false
		}
		typed := lines[0].typed
		lines = lines[1:]
		return typed, true
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) > 0 {
		t.Errorf("nobody was asked %q in\n%s", lines[0].question, screen)
	}
	return screen, code
}

const (
	toGenerate = `To go on, type: generate %s [^>]*> `
	toSign     = `To sign %s, type words [^>]*> `
)

func at(question, what string) string { return strings.Replace(question, "%s", what, 1) }

// TestFourPeople holds a ceremony of four people, in which what can go wrong does:
// one person in two parts, a wrong PIN, a wrong phrase, wrong words, Ctrl-C, somebody
// who leaves, a token that is pulled. Each run goes on where the one before stopped. All
// that the people saw is kept in testdata/screens.
func TestFourPeople(t *testing.T) {
	dir, p := fourPeople(t)
	var saw []string
	shows := func(screen string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(strings.Join(strings.Fields(screen), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%q does not show in\n%s", want, screen)
			}
		}
		if strings.Contains(screen, pin) {
			t.Error("the PIN shows")
		}
	}

	screen, code := sit(t, dir, p, nil,
		says{"Name of administrator: ", "Ada Lovelace\n"}, says{"Name of officer 1: ", "ada lovelace\n"}, says{"Name of officer 1: ", "Ben Bit\n"},
		says{"Name of officer 2: ", "Ben Bit\n"}, says{"Name of officer 2: ", "Cleo Key\n"}, says{"Name of internal witness: ", "Dee Cert\n"},
		says{"bag > ", "officer-9 A1\n"}, says{"bag > ", "officer-1 A10482\n"}, says{"bag > ", "officer-2 A10483\n"},
		says{`PIN of token officer-1 [^\n]*: `, "1234\n"})
	if code != 6 {
		t.Errorf("exit code: got %d, want 6", code)
	}
	saw = append(saw, screen)
	shows(screen, "ada lovelace is here as administrator and cannot be officer 1 too: they watch each other", "both sign root",
		`"officer-9" is no token of this ceremony`, "Token officer-1 came out of bag A10482.", "C_Login: wrong PIN", "head of the transcript at ",
		"needed Ben Bit, officer 1, with token officer-1 (step 1)")

	screen, code = sit(t, dir, p, nil,
		says{at(toGenerate, "root-a"), "leave cleo key\n"}, says{at(toGenerate, "root-a"), "generate root-b\n"},
		says{"officer 2 is Cleo Key: Enter, or another name: ", "\n"}, says{at(toGenerate, "root-b"), "exception 1 the pen fell\n"},
		says{`Enter goes on, v shows details, s stops.\s+> `, "v\n"}, says{`page 1 of \d+: [^>]*> `, "q\n"},
		says{at(toSign, "root 1 with root-a"), "wrong words typed\n"}, says{at(toSign, "root 1 with root-a"), "\x03"})
	if code != 130 {
		t.Errorf("exit code: got %d, want 130", code)
	}
	saw = append(saw, screen)
	shows(screen, "officer 1 is Ben Bit: Enter, or another name: ", "cleo key has left.", `The first difference is at "root-a".`, "This step waits for officer 2, who left at ",
		"Exception 1 is noted", "of the card is ", "Ben Bit, officer 1: token officer-1 is asked for your signature.", "interrupted; nothing was done in this step",
		"stopped by Ben Bit at step ", "needed Ben Bit, officer 1, with token officer-1 (step ", "still open: officer-1 bag A10482: seal it, and tell the next run: seal officer-1 NUMBER", "next keyrite run ")

	token, away := tokenDir(t, dir, "officer-2"), filepath.Join(dir, "pocket")
	if err := os.Rename(token, away); err != nil {
		t.Fatal(err)
	}
	screen, code = sit(t, dir, p, func(fresh string) {
		if strings.Contains(fresh, "Insert token officer-2") {
			os.Rename(away, token)
		}
	}, says{"officer 2 is Cleo Key: Enter, or another name: ", "\n"}, says{"bag > ", "\n"}, says{at(toSign, "root 1 with root-b"), "roll\n"},
		says{"bag > ", "officer-1 B20001\n"}, says{"bag > ", "officer-2 B20002\n"}, says{"bag > ", "\n"})
	if code != 0 {
		t.Errorf("exit code: got %d, want 0", code)
	}
	golden(t, "four-people-80x24", stillScreens(strings.Join(append(saw, screen), "\n=== the next run\n\n")))
	shows(screen, "NOT HERE (step 2)", "✓  8 ", "root-b signed root 1 · 2 of 2 · verified · Cleo Key", "Token officer-2 is in bag B20002.", "done: ", "image/metadata/1.root.json, expires ", "next ceremony  renew ")

	ceremony := filepath.Base(filepath.Dir(firstOf(t, filepath.Join(dir, "ceremonies", "*", "plan.yaml"))))
	record := output(t, dir, "record", ceremony, "--text")
	for _, want := range []string{"Ada Lovelace", "Ben Bit", "Cleo Key", "Dee Cert", "A10482", "B20002", "the pen fell", "mistyped", "somebody left"} {
		if !strings.Contains(record, want) {
			t.Errorf("the record has no %s", want)
		}
	}
	noPIN(t, dir)
	output(t, dir, "verify", filepath.Join(dir, "image"), "--trusted-root", filepath.Join(dir, "image", "metadata", "1.root.json"))
}

func firstOf(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

// tokenDir is where SoftHSM keeps the token with a label.
func tokenDir(t *testing.T, dir, label string) string {
	t.Helper()
	objects, _ := filepath.Glob(filepath.Join(dir, "hsm", "tokens", "*", "token.object"))
	for _, object := range objects {
		if data, err := os.ReadFile(object); err == nil && bytes.Contains(data, []byte(label)) {
			return filepath.Dir(object)
		}
	}
	t.Fatalf("no token %s", label)
	return ""
}

// noPIN looks for a PIN, right or wrong, in every file that a ceremony leaves.
func noPIN(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == "hsm" {
				return fs.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(name)
		if bytes.Contains(data, []byte(pin)) && name != filepath.Join(dir, "pin") {
			t.Errorf("%s holds the PIN", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

var colours = regexp.MustCompile("\x1b\\[(?:1|3[0-7])m")

// TestTerminals begins a ceremony on every kind of terminal, and presses Ctrl-C at
// the second question.
func TestTerminals(t *testing.T) {
	dir, p := fourPeople(t)
	for _, tt := range []struct {
		name          string
		cols          uint16
		env           []string
		colour, ascii bool
	}{
		{"xterm", 80, []string{"TERM=xterm", "LANG=C.UTF-8"}, true, false},
		{"40 columns", 40, []string{"TERM=xterm", "LANG=C.UTF-8"}, true, false},
		{"120 columns", 120, []string{"TERM=xterm", "LANG=C.UTF-8"}, true, false},
		{"TERM=dumb", 80, []string{"TERM=dumb", "LANG=C.UTF-8"}, false, false},
		{"NO_COLOR", 80, []string{"TERM=xterm", "LANG=C.UTF-8", "NO_COLOR=1"}, false, false},
		{"KEYRITE_PLAIN", 80, []string{"TERM=xterm", "LANG=C.UTF-8", "KEYRITE_PLAIN=1"}, false, false},
		{"LANG=C", 80, []string{"TERM=dumb", "LANG=C"}, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plans, _ := filepath.Glob(filepath.Join(dir, "ceremonies", "*", "plan.yaml"))
			keyrite := exec.Command("keyrite", "-C", dir, "run", plans[0])
			keyrite.Env = append(os.Environ(), append([]string{"LC_ALL=", "LC_CTYPE=", "NO_COLOR=", "KEYRITE_PLAIN="}, tt.env...)...)
			typed := 0
			screen, code, err := converseOn(keyrite, &pty.Winsize{Rows: 24, Cols: tt.cols}, p, nil, func(fresh string) (string, bool) {
				switch {
				case typed == 0 && strings.Contains(fresh, "Name of administrator: "):
					typed++
					return "x\r", true
				case typed == 1 && strings.Contains(fresh, "Name of officer 1: "):
					typed++
					return "\x03", true
				}
				return "", true
			})
			if err != nil || code != 130 {
				t.Errorf("exit code %d, %v, want 130\n%q", code, err, screen)
			}
			if got := colours.MatchString(screen); got != tt.colour {
				t.Errorf("colours: %v\n%q", got, screen)
			}
			if ascii := strings.IndexFunc(screen, func(r rune) bool { return r > 0x7f }) < 0; ascii != tt.ascii {
				t.Errorf("ASCII: %v\n%q", ascii, screen)
			}
			for row := range strings.SplitSeq(ansi.ReplaceAllString(screen, ""), "\r\n") {
				if n := len([]rune(row)); tt.env[0] == "TERM=dumb" && n > int(tt.cols) {
					t.Errorf("%d columns: %q", n, row)
				}
			}
		})
	}
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]")

// TestNoTerminal has nobody to ask: a pipe, and no input at all.
func TestNoTerminal(t *testing.T) {
	dir, _ := fourPeople(t)
	plans, _ := filepath.Glob(filepath.Join(dir, "ceremonies", "*", "plan.yaml"))
	for name, command := range map[string]string{"pipe": "echo | keyrite -C %s run %s", "closed": "keyrite -C %s run %s <&-", "nothing": "keyrite -C %s run %s </dev/null"} {
		shell := exec.Command("sh", "-c", strings.Replace(strings.Replace(command, "%s", dir, 1), "%s", plans[0], 1))
		out, _ := shell.CombinedOutput()
		if code := shell.ProcessState.ExitCode(); code != 2 || !strings.Contains(string(out), "are no terminal") {
			t.Errorf("%s: exit code %d, want 2\n%s", name, code, out)
		}
	}
}

// TestNothingScrollsBy holds a ceremony on terminals that are as small as they come:
// whatever a question is about is on the screen whole, from the header of its step on.
func TestNothingScrollsBy(t *testing.T) {
	for _, size := range []pty.Winsize{{Rows: 24, Cols: 80}, {Rows: 24, Cols: 60}, {Rows: 24, Cols: 40}} {
		t.Run(fmt.Sprintf("%d×%d", size.Cols, size.Rows), func(t *testing.T) {
			dir, p := fourPeople(t)
			plans, _ := filepath.Glob(filepath.Join(dir, "ceremonies", "*", "plan.yaml"))
			keyrite := exec.Command("keyrite", "-C", dir, "run", plans[0])
			keyrite.Env = append(os.Environ(), "KEYRITE_PLAIN=1", "LANG=C.UTF-8", "LC_ALL=")
			asked := 0
			screen, code, err := converseAs(keyrite, &size, p, func(fresh, screen string) (string, bool) {
				typed, ok := inOrder(p, hanging.ReplaceAllString(fresh, " "), screen)
				if ok {
					asked++
					if pageQuestion.MatchString(fresh) {
						return typed + "\n", ok // the page is as long as the screen, and no longer
					}
					if rows := rowsOf(fromHeader(fresh), int(size.Cols)); rows > int(size.Rows) {
						t.Errorf("%d rows stand above and at this question, want at most %d\n%s", rows, size.Rows, fresh)
					}
				}
				return typed + "\n", ok
			})
			if err != nil || code != 0 || asked < 30 {
				t.Fatalf("exit code %d, %v, %d questions\n%s", code, err, asked, screen)
			}
		})
	}
}

// inOrder is what people type who have it all right.
func inOrder(p paper, fresh, screen string) (typed string, ok bool) {
	if a, is := asked(fresh, screen); is {
		return a.right, true
	}
	return p.besides(fresh)
}

// hanging is where a line is wrapped.
var hanging = regexp.MustCompile(`\r\n  +`)

var pageQuestion = regexp.MustCompile(`page \d+ of \d+: [^\r\n]+ > $`)

var stepHeader = regexp.MustCompile(`(?m)^scripts · image · `)

// fromHeader is what stands on a screen from the newest header of a step on.
func fromHeader(fresh string) string {
	all := stepHeader.FindAllStringIndex(fresh, -1)
	if all == nil {
		return fresh
	}
	return fresh[all[len(all)-1][0]:]
}

// rowsOf is how many rows text takes on a terminal that wraps.
func rowsOf(text string, wide int) (rows int) {
	for line := range strings.SplitSeq(strings.TrimLeft(text, "\r\n"), "\r\n") {
		rows += 1 + max(0, len([]rune(strings.TrimRight(line, " ")))-1)/wide
	}
	return rows
}
