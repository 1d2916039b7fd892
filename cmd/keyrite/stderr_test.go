package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStderrElsewhere asks on the terminal though stderr goes into a file.
func TestStderrElsewhere(t *testing.T) {
	dir := t.TempDir()
	if err := furnish(dir, ""); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "log")
	log, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	keyrite := exec.Command("keyrite", "-C", dir, "token", "init", "other")
	keyrite.Env, keyrite.Stderr = append(os.Environ(), "KEYRITE_PLAIN=1"), log
	asked := 0
	screen, code, err := converseAs(keyrite, nil, nil, func(fresh, _ string) (string, bool) {
		if !newPIN.MatchString(fresh) {
			return "", false
		}
		asked++
		return pin + "\n", true
	})
	if err != nil || code != 0 || asked != 4 || !strings.Contains(screen, "token other is set up") {
		t.Errorf("exit code %d, %v, %d questions\n%s", code, err, asked, screen)
	}
	if logged, err := os.ReadFile(name); err != nil || strings.Contains(string(logged), "PIN") {
		t.Errorf("the log has %q, %v", logged, err)
	}
}
