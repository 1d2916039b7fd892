package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

const (
	reference = "../../docs/commands.md"
	manPages  = "../../docs/man"
)

// pages visits every command that people call, and shows of it what its help shows.
func pages(visit func(c *cobra.Command)) {
	a := &app{stdout: os.Stdout, stderr: os.Stderr}
	root := a.rootCommand()
	root.InitDefaultCompletionCmd()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if !c.IsAvailableCommand() && c != root {
			return
		}
		c.DisableAutoGenTag = true
		hideIdle(c)
		visit(c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// generated holds that a file is as it is made from the commands now.
func generated(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not current (%v); make it with go test ./cmd/keyrite -run 'Reference|ManPages' -update", name, err)
	}
}

func TestReference(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprint(&b, "# Commands\n\nWhat `keyrite COMMAND --help` says, made by `go test ./cmd/keyrite -run Reference -update`.\nThe same as man pages is in [man/](man/).\n\n")
	anchor := func(file string) string { return "#" + strings.ReplaceAll(strings.TrimSuffix(file, ".md"), "_", "-") }
	pages(func(c *cobra.Command) {
		if err := doc.GenMarkdownCustom(c, &b, anchor); err != nil {
			t.Fatal(err)
		}
	})
	generated(t, reference, b.Bytes())
}

// manDate stands on every man page: that of the release, so that the same source makes
// the same pages.
var manDate = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

func TestManPages(t *testing.T) {
	if err := os.MkdirAll(manPages, 0o755); err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	pages(func(c *cobra.Command) {
		name := filepath.Join(manPages, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1")
		var b bytes.Buffer
		if err := doc.GenMan(c, &doc.GenManHeader{Section: "1", Source: "keyrite " + release, Manual: "keyrite", Date: &manDate}, &b); err != nil {
			t.Fatal(err)
		}
		made[name] = true
		generated(t, name, b.Bytes())
	})
	there, err := filepath.Glob(manPages + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		if !made[name] {
			t.Errorf("%s is of no command; remove it", name)
		}
	}
}

// TestHelpFits holds that every help can be read on 80 columns, says what each command
// is for and has an example.
func TestHelpFits(t *testing.T) {
	pages(func(c *cobra.Command) {
		if c.Parent() != nil && c.Parent().Name() == "completion" || c.Name() == "completion" {
			return // cobra's own
		}
		var b bytes.Buffer
		c.SetOut(&b)
		if err := c.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s --help: %d columns, want 80: %s", c.CommandPath(), n, line)
			}
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: Short is %q, want half a sentence", c.CommandPath(), c.Short)
		}
		if c.Runnable() && !c.HasSubCommands() && c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
	})
}
