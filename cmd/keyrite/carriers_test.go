package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestCarriers has two sites hold a ceremony over a stick. It is a folder like any other,
// or one on each file system that KEYRITE_CARRIERS names as NAME=FOLDER:READONLY,…, where
// the second is the first, mounted so that nobody can write: scripts/carriers-test.sh does.
func TestCarriers(t *testing.T) {
	tokens := newTokens(t)
	carriers := os.Getenv("KEYRITE_CARRIERS")
	if carriers == "" {
		carriers = "folder=" + t.TempDir()
	}
	for entry := range strings.SplitSeq(carriers, ",") {
		name, folders, _ := strings.Cut(entry, "=")
		t.Run(name, func(t *testing.T) {
			folder, readonly, _ := strings.Cut(folders, ":")
			stick, err := os.MkdirTemp(folder, "stick")
			if err != nil {
				t.Fatal(err)
			}
			p := scriptParams(t, tokens, filepath.Join(t.TempDir(), "answered"))
			p.Dir = "testdata/carriers"
			setup := p.Setup
			p.Setup = func(env *testscript.Env) error {
				env.Setenv("STICK", stick)
				env.Setenv("READONLY", filepath.Join(readonly, filepath.Base(stick)))
				return setup(env)
			}
			p.Condition = func(condition string) (bool, error) {
				if condition != "readonly" {
					return false, fmt.Errorf("what is %s?", condition)
				}
				return readonly != "", nil
			}
			testscript.Run(t, p)
		})
	}
}
