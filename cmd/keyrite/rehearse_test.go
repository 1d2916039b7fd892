package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/rehearse"
)

var worldWords = regexp.MustCompile(`(?m)^words of the (plan|room), from its paper\n((?:\s*[0-9]+ [a-z]+\s+){32})`)

// TestRehearse prepares the rehearsal of a first ceremony, holds it at a terminal, and
// then begins the real one, whose transcript quotes it. The real room is the same
// afterwards.
func TestRehearse(t *testing.T) {
	dir := t.TempDir()
	if err := furnish(dir, newTokens(t)); err != nil {
		t.Fatal(err)
	}
	askForPINs(t, dir)
	keyrite := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("keyrite", append([]string{"-C", dir}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	hashes := hashLine.FindAllStringSubmatch(keyrite("plan", "image"), -1)
	plans, _ := filepath.Glob(filepath.Join(dir, "ceremonies", "*"))
	ceremony := filepath.Base(plans[0])
	prepared := keyrite("rehearse", ceremony, "--prepare")
	fake := paper{}
	for _, m := range worldWords.FindAllStringSubmatch(strings.ReplaceAll(prepared, "FAKE ", ""), -1) {
		sum, _ := ceremonytest.GridIn(m[2])
		fake[m[1]] = sum.String()
	}
	world := filepath.Join("rehearsals", ceremony, "FAKE-1")
	if book := keyrite("-C", filepath.Join(dir, world), "runbook", ceremony, "--text"); !strings.Contains(book, "*** FAKE: rehearsal of "+ceremony+" ***") {
		t.Error("the runbook has no band")
	}
	screen, code := atTerminal(t, fake, rehearse.PIN, "-C", dir, "rehearse", ceremony)
	if code != 0 || !strings.Contains(screen, "FAKE step 20 of 20") || !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(screen, "FAKE ", "")), " "), "goes on in "+world) {
		t.Errorf("exit code %d\n%s", code, screen)
	}
	record := keyrite("-C", filepath.Join(dir, world), "record", ceremony, "--text")
	if !strings.Contains(record, "*** FAKE: rehearsal of "+ceremony+" ***") {
		t.Error("the record has no band")
	}
	for _, name := range []string{"keys", "image", filepath.Join("ceremonies", ceremony, "munich")} {
		if found, _ := filepath.Glob(filepath.Join(dir, name, "*")); found != nil {
			t.Errorf("the real workspace has %s", found)
		}
	}
	real := paper{"plan": hashes[0][1], "room": hashes[1][1]}
	_, code = atTerminal(t, real, "wrong", "-C", dir, "run", ceremony)
	if shown := keyrite("transcript", "show", ceremony); code != 6 || !strings.Contains(strings.Join(strings.Fields(shown), " "), "this plan was rehearsed in "+world+": finished") {
		t.Errorf("exit code %d\n%s", code, shown)
	}
}

// atTerminal has somebody answer every question as asked, and each PIN with this one.
func atTerminal(t *testing.T, p paper, pin string, args ...string) (screen string, code int) {
	t.Helper()
	keyrite := exec.Command("keyrite", args...)
	keyrite.Env = append(os.Environ(), "KEYRITE_PLAIN=1")
	screen, code, err := converse(keyrite, p, func(a ask) (string, bool) {
		if strings.HasPrefix(a.what, "PIN ") {
			return pin + "\n", true
		}
		return a.right + "\n", true
	})
	if err != nil {
		t.Fatal(err)
	}
	return screen, code
}
