package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestNoPIN types PINs in a whole ceremony and looks for them in everything that others
// can read: the screen, what every other command says, every file that was written
// (runbook, rehearsal, transcript, record, bundle, backup, pages), and, each time that a
// question stands, the command lines and environments of keyrite and its helpers.
func TestNoPIN(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	if err := furnish(dir, newTokens(t)); err != nil {
		t.Fatal(err)
	}
	askForPINs(t, dir)
	if err := os.Remove(filepath.Join(dir, "pin")); err != nil { // in which the tests have it
		t.Fatal(err)
	}
	silent := func(args ...string) string {
		t.Helper()
		out := output(t, dir, args...)
		noSecret(t, fmt.Sprint(args), []byte(out))
		return out
	}
	hashes := hashLine.FindAllStringSubmatch(silent("plan", "image"), -1)
	ceremony := filepath.Base(filepath.Dir(firstOf(t, filepath.Join(dir, "ceremonies", "*", "plan.yaml"))))
	silent("runbook", ceremony)
	silent("rehearse", ceremony, "--yes")

	keyrite := exec.Command("keyrite", "-C", dir, "run", ceremony)
	keyrite.Env = append(os.Environ(), "KEYRITE_PLAIN=1", "TMPDIR="+temp)
	typed, looked := 0, 0
	screen, code, err := converse(keyrite, paper{"plan": hashes[0][1], "room": hashes[1][1]}, func(a ask) (string, bool) {
		looked += noSecretInProcesses(t, keyrite.Process.Pid)
		if strings.HasPrefix(a.what, "PIN of token ") {
			typed++
		}
		return a.right + "\n", true
	})
	if err != nil || code != 0 || typed < 9 || looked < typed {
		t.Fatalf("exit code %d, %v, %d PINs typed, %d processes looked at\n%s", code, err, typed, looked, screen)
	}
	noSecret(t, "the screen", []byte(screen))

	root, tar := filepath.Join(dir, "image", "metadata", "1.root.json"), filepath.Join(temp, "image.tar")
	for _, args := range [][]string{
		{"record", ceremony}, {"record", ceremony, "--text"}, {"transcript", "show", ceremony}, {"transcript", "verify", ceremony},
		{"bundle", "image", "-o", tar}, {"verify", tar, "--trusted-root", root}, {"transcript", "show", ceremony, "--from", tar},
		{"backup", "-o", filepath.Join(temp, "backup.tar")}, {"status", "--html", filepath.Join(temp, "status.html")},
		{"plan", "show", ceremony}, {"key", "list"}, {"key", "show", "root-a"}, {"token", "info", "officer-1"},
	} {
		silent(args...)
		if !slices.Contains(args, "-o") {
			silent(append(args[:len(args):len(args)], "--output", "json")...)
		}
	}
	noSecretInFiles(t, dir, temp)
}

// noSecretInFiles looks into every file below some folders.
func noSecretInFiles(t *testing.T, roots ...string) {
	t.Helper()
	found := map[string]bool{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(name)
			noSecret(t, name, data)
			found[d.Name()] = true
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"plan.yaml", "runbook.html", "transcript.jsonl", "record.html", "rehearsal.yaml", "image.tar", "backup.tar", "status.html", "root-a.yaml", "1.root.json"} {
		if !found[want] {
			t.Errorf("no %s was looked at", want)
		}
	}
}

// noSecret looks for the PIN, as it is and in the spellings that logs and dumps have.
func noSecret(t *testing.T, where string, data []byte) {
	t.Helper()
	for _, form := range []string{pin, hex.EncodeToString([]byte(pin)), strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(pin)), "="), strings.ReplaceAll(pin, " ", "%20")} {
		if bytes.Contains(bytes.ToLower(data), []byte(strings.ToLower(form))) {
			t.Errorf("%s holds the PIN as %q", where, form)
		}
	}
}

// noSecretInProcesses looks at what a process and its children show to others, and counts
// them.
func noSecretInProcesses(t *testing.T, parent int) (processes int) {
	t.Helper()
	for _, pid := range append(children(t, parent), parent) {
		for _, what := range []string{"cmdline", "environ"} {
			name := fmt.Sprintf("/proc/%d/%s", pid, what)
			data, err := os.ReadFile(name)
			if err != nil {
				continue // it shows nothing, or is gone
			}
			noSecret(t, name, data)
		}
		processes++
	}
	return processes
}

var parentLine = regexp.MustCompile(`(?m)^PPid:\s+(\d+)$`)

func children(t *testing.T, parent int) (list []int) {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, _ := os.ReadFile(name)
		if m := parentLine.FindSubmatch(data); m != nil && string(m[1]) == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			list = append(list, pid)
		}
	}
	return list
}
