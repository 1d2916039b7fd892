package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// TestFollowUntilCtrlC watches a ceremony that nobody begins, and is sent away from the
// keyboard: the exit code is that of every other command, and colours show as in run.
func TestFollowUntilCtrlC(t *testing.T) {
	dir := t.TempDir()
	if err := furnish(dir, newTokens(t)); err != nil {
		t.Fatal(err)
	}
	output(t, dir, "plan", "image")
	ceremony := firstOf(t, dir+"/ceremonies/*")
	keyrite := exec.Command("keyrite", "-C", dir, "follow", ceremony)
	keyrite.Env = append(os.Environ(), "TERM=xterm", "LC_ALL=C.UTF-8", "NO_COLOR=", "KEYRITE_PLAIN=")
	pressed := false
	screen, code, err := converseAs(keyrite, &pty.Winsize{Rows: 24, Cols: 80}, paper{}, func(fresh, _ string) (string, bool) {
		if pressed || !strings.Contains(fresh, "waiting for the first line") {
			return "", false
		}
		pressed = true
		return "\x03", true
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := 128 + int(syscall.SIGINT); code != want || !strings.Contains(screen, "stopped watching; ") || !strings.Contains(screen, "\x1b[1mnot begun yet\x1b[0m") {
		t.Errorf("exit code: got %d, want %d\n%q", code, want, screen)
	}
}
