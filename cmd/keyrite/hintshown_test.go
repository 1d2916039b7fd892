package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unshown are the hints that no test shows, since what they are about takes a race, a
// file of many megabytes, or a stranger's repository. They were read.
var unshown = []string{
	"keyrite plan %s says what would be",
	"keys or files were changed since; run it again: keyrite run %s",
	"split the content over delegations, or drop what is obsolete",
	"change that with the tool that signs the repository now, then import it again",
}

// TestHintsAreShown demands of each hint in the code that a test shows it: who writes one
// has to bring about what it is about, and should follow it there.
func TestHintsAreShown(t *testing.T) {
	tests := bare(textOfTests(t))
	count, missing := 0, map[string]bool{}
	for _, hint := range hintsInCode(t) {
		if count++; !isShown(tests, hint) {
			missing[hint] = true
		}
	}
	if count < 200 {
		t.Errorf("found %d hints", count)
	}
	for _, hint := range unshown {
		if !missing[hint] {
			t.Errorf("take it out of the list, it is shown or no hint: %q", hint)
		}
		delete(missing, hint)
	}
	for _, hint := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("no test shows the hint %q", hint)
	}
}

var verb = regexp.MustCompile(`%[sqdvx]`)

// isShown looks for a run of 18 characters of a hint between what is filled in, or for the
// longest of its pieces where all are shorter.
func isShown(tests, hint string) bool {
	const run = 18
	longest := ""
	for _, piece := range verb.Split(hint, -1) {
		piece = strings.TrimSpace(bare(piece))
		for i := 0; i+run <= len(piece); i++ {
			if strings.Contains(tests, piece[i:i+run]) {
				return true
			}
		}
		if len(piece) > len(longest) {
			longest = piece
		}
	}
	return len(longest) < run && strings.Contains(tests, longest)
}

// bare is text without what quotes and expressions need.
func bare(text string) string {
	return strings.NewReplacer("\\", "", "`", "", `"`, "", "'", "", "(", "", ")", "", ".", "", "*", "", "^", "", "$", "", "[", "", "]", "", "|", "", "?", "", "+", "").Replace(text)
}

func textOfTests(t *testing.T) string {
	var all strings.Builder
	walk(t, func(name string, data []byte) {
		if (strings.HasSuffix(name, "_test.go") && name != "hintshown_test.go") || strings.HasSuffix(name, ".txtar") {
			all.Write(data)
		}
	})
	return all.String()
}

// hintsInCode are the formats of all hints of errors, of those of tokens too.
func hintsInCode(t *testing.T) (list []string) {
	walk(t, func(name string, data []byte) {
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if hint, is := hintOf(n); is {
					list = append(list, hint)
				}
			case *ast.KeyValueExpr: // of the tables in hsm
				if _, is := n.Value.(*ast.BasicLit); is && filepath.Base(name) == "hints.go" {
					list = append(list, literals(n.Value))
				}
			}
			return true
		})
	})
	return list
}

// hintOf is the hint that a call gives to an error, where it is written there.
func hintOf(call *ast.CallExpr) (string, bool) {
	at := -1
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if f.Sel.Name == "Hint" {
			at = 0
		}
	case *ast.Ident:
		if f.Name == "withHint" {
			at = 1
		}
	}
	if at < 0 || at >= len(call.Args) {
		return "", false
	}
	text := literals(call.Args[at])
	return text, len(verb.ReplaceAllString(text, "")) > 2
}

// literals are the strings that an expression is put together from.
func literals(e ast.Expr) (text string) {
	ast.Inspect(e, func(n ast.Node) bool {
		if l, is := n.(*ast.BasicLit); is && l.Kind == token.STRING {
			s, _ := strconv.Unquote(l.Value)
			text += s
		}
		return true
	})
	return text
}

// walk reads every file of the code and its tests.
func walk(t *testing.T, file func(name string, data []byte)) {
	t.Helper()
	for _, dir := range []string{"../../ceremony", "../../hsm", "."} {
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(name)
			if err == nil {
				file(name, data)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
