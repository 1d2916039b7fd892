package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestSignalsAtAPIN ends keyrite while it asks for a PIN: the terminal shows again
// what is typed, nothing of Go's inside shows, and every signal ends it alike. The
// program that asked ran from an unreadable copy of itself, and leaves no core dump.
func TestSignalsAtAPIN(t *testing.T) {
	dir := t.TempDir()
	if err := furnish(dir, newTokens(t)); err != nil {
		t.Fatal(err)
	}
	askForPINs(t, dir)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT} {
		t.Run(unix.SignalName(signal), func(t *testing.T) { endAtAPIN(t, dir, signal) })
	}
}

func endAtAPIN(t *testing.T, dir string, signal syscall.Signal) {
	keyrite := exec.CommandContext(t.Context(), "keyrite", "-C", dir, "key", "list", "--token", "officer-1")
	keyrite.Env = append(os.Environ(), "KEYRITE_PLAIN=1")
	terminal, err := pty.Start(keyrite)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var screen string
	for buffer := make([]byte, 4096); ; {
		n, err := terminal.Read(buffer)
		if err != nil { // keyrite has ended
			break
		}
		screen += string(buffer[:n])
		if pinQuestion.MatchString(screen) {
			if echoes(t, terminal) {
				t.Error("the PIN would show")
			}
			unreadable(t, keyrite.Process.Pid)
			if err := keyrite.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	keyrite.Wait()
	if code := keyrite.ProcessState.ExitCode(); code != 128+int(signal) || !strings.Contains(screen, "no PIN was entered") || strings.Contains(screen, "goroutine") {
		t.Errorf("got exit code %d, want %d\n%s", code, 128+int(signal), screen)
	}
	if !echoes(t, terminal) {
		t.Error("the terminal does not show what is typed")
	}
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return mode.Lflag&unix.ECHO != 0
}

// unreadable wants the program of a process to be one that nobody may read. As
// another user than root, even the question is refused.
func unreadable(t *testing.T, pid int) {
	t.Helper()
	info, err := os.Stat(fmt.Sprintf("/proc/%d/exe", pid))
	if os.Geteuid() != 0 {
		if !os.IsPermission(err) {
			t.Errorf("got %v, want a refusal", err)
		}
	} else if err != nil || info.Mode().Perm() != 0o111 {
		t.Errorf("the program: got %v and %v, want mode 0111", info, err)
	}
	var core unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_CORE, nil, &core); err != nil || core != (unix.Rlimit{}) {
		t.Errorf("core dumps: got %+v and %v, want none", core, err)
	}
}
