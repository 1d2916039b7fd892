package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var (
	named   = regexp.MustCompile(`\bkeyrite((?: -C \S+)?(?: [a-z][a-z-]*)+)((?: [^:;\n]*)?)`)
	nextOne = regexp.MustCompile(`[,;:]|\bkeyrite\b`)
	flagged = regexp.MustCompile(`(?:^| )--([a-z][a-z0-9-]*)`)
)

// TestNamedCommands finds every command that the code names, in hints, next steps and
// papers, and demands that it is there, with each flag that is named behind it.
func TestNamedCommands(t *testing.T) {
	root := (&app{}).rootCommand()
	count := 0
	for _, dir := range []string{"../../ceremony", "../../hsm", "../../policies", "../../roles", "."} {
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, _ := strconv.Unquote(literal.Value)
					count += checkNamed(t, root, name, text)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"../../README.md", "../../docs/hsm-modules.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		count += checkNamed(t, root, name, string(text))
	}
	if count < 100 {
		t.Errorf("found %d commands", count)
	}
}

// arguments stand behind a command and in no sentence.
var argument = regexp.MustCompile(`^ (?:%s|%q|[A-Z]{2,}|-o|--[a-z])`)

// holds are the commands that only hold others.
var holds = map[string]bool{"token": true, "key": true, "transcript": true, "policy": true, "ledger": true, "signature": true}

func checkNamed(t *testing.T, root *cobra.Command, where, text string) (count int) {
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		words := strings.Fields(regexp.MustCompile(`-C \S+`).ReplaceAllString(m[1], ""))
		if len(words) == 0 {
			continue
		}
		c, rest, err := root.Find(words)
		if err != nil || c == root {
			if len(words) < 3 && argument.MatchString(m[2]) {
				t.Errorf("%s: no command in %q", where, m[0])
			}
			continue // it is a sentence about the program
		}
		if holds[c.Name()] && c.Parent() == root && len(rest) > 0 {
			t.Errorf("%s: %s has no command %s, in %q", where, c.CommandPath(), rest[0], text)
		}
		count++
		behind := m[2]
		if cut := nextOne.FindStringIndex(behind); cut != nil {
			behind = behind[:cut[0]]
		}
		for _, f := range flagged.FindAllStringSubmatch(behind, -1) {
			if c.Flags().Lookup(f[1]) == nil && c.InheritedFlags().Lookup(f[1]) == nil {
				t.Errorf("%s: %s has no flag --%s, in %q", where, c.CommandPath(), f[1], text)
			}
		}
	}
	return count
}
