package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
	if out, err := exec.Command("keyrite", "-C", dir, "plan", "image").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
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
		{"root not confirmed", "sign root 1", "sign root 1\n", 1, []string{"officer-2", "officer-3", "release"}, "not confirmed", []string{"ceremonies/*/signatures", "image"}},
		{"Ctrl-C", "sign targets 1", "\x03", 1, []string{"officer-1", "officer-2"}, "not confirmed", []string{"image/metadata/*targets.json"}},
		{"power failure", "sign snapshot 1", "", -1, []string{"release"}, "review snapshot 1", []string{"image/metadata/*snapshot.json"}},
		{"all as it should be", "", "", 0, []string{"release"}, "done: ", nil},
		{"nothing left", "", "", 0, nil, "is finished already", nil},
	} {
		t.Run(run.name, func(t *testing.T) {
			seen := sitDown(t, dir, run.wrong, run.keys)
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

// types is exits with a person at the terminal, who types one line at the first
// question; what they saw is in the file screen afterwards:
//
//	types LINE CODE keyrite ARGUMENTS...
func types(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: types LINE CODE keyrite ARGUMENTS...")
	}
	keyrite := exec.Command(args[2], args[3:]...)
	keyrite.Dir, keyrite.Env = ts.Getenv("WORK"), append(os.Environ(), "KEYRITE_PLAIN=1", "PIN_2="+pin)
	terminal, err := pty.Start(keyrite)
	ts.Check(err)
	defer terminal.Close()
	var screen []byte
	asked, buffer := false, make([]byte, 4096)
	for {
		n, err := terminal.Read(buffer)
		if err != nil { // keyrite has ended
			break
		}
		screen = append(screen, buffer[:n]...)
		if !asked && question.Match(screen) {
			asked = true
			_, err := terminal.WriteString(args[0] + "\n")
			ts.Check(err)
		}
	}
	keyrite.Wait()
	ts.Check(os.WriteFile(filepath.Join(keyrite.Dir, "screen"), screen, 0o600))
	if got := keyrite.ProcessState.ExitCode(); strconv.Itoa(got) != args[1] {
		ts.Fatalf("exit code: got %d, want %s\n%s", got, args[1], screen)
	}
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

// question is the end of a screen that waits for an answer.
var question = regexp.MustCompile(`To go on, type: ([^\r\n]+)\r\n[^\r\n]+\r\n> $|PIN of token (\S+) \(.*\): $`)

// sitDown runs the one plan of dir at a terminal and gives every question its
// answer, but these keys, or the death of keyrite, to the one that begins with
// wrong.
func sitDown(t *testing.T, dir, wrong, keys string) (s session) {
	plans, err := filepath.Glob(filepath.Join(dir, "ceremonies", "*", "plan.yaml"))
	if err != nil || len(plans) != 1 {
		t.Fatalf("got plans %v and %v, want one", plans, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	keyrite := exec.CommandContext(ctx, "keyrite", "-C", dir, "run", plans[0])
	keyrite.Env = append(os.Environ(), "KEYRITE_PLAIN=1")
	terminal, err := pty.Start(keyrite)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	answered, buffer := 0, make([]byte, 4096)
	for {
		n, err := terminal.Read(buffer)
		if err != nil { // keyrite has ended
			break
		}
		s.screen += string(buffer[:n])
		asked := question.FindStringSubmatch(s.screen[answered:])
		if asked == nil {
			continue
		}
		answered = len(s.screen)
		answer, text := asked[1]+"\n", asked[1]
		if token := asked[2]; token != "" {
			answer, text = pin+"\n", "PIN of token "+token
			s.pins = append(s.pins, token)
		}
		if wrong != "" && strings.HasPrefix(text, wrong) {
			if answer = keys; keys == "" {
				keyrite.Process.Kill()
			}
		}
		if _, err := terminal.WriteString(answer); err != nil {
			t.Fatal(err)
		}
	}
	keyrite.Wait()
	s.code = keyrite.ProcessState.ExitCode()
	return s
}
