package strict

import (
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
)

const written = `# who may sign
version: 1
people:
  administrator: 1
  officers: {root: 2}

roles:
  # the first
  root:
    keys: [a, b]
    name: crypto officer 1
  targets: {keys: [
    c, d,
    e]}
`

// TestMistake names the line that people have to mend, and what is wrong with it.
func TestMistake(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		want           string
	}{
		{"tab", "    keys: [a", "\tkeys: [a", "f:10: is indented with a tab; want spaces"},
		{"tab behind blanks", "  officers", " \tofficers", "f:5: is indented with a tab"},
		{"too far", "  officers", "   officers", "f:5: does not fit the lines above it: it is indented by 3, the line above by 2"},
		{"not far enough", "    name: c", "   name: c", "f:11: does not fit the lines above it: it is indented by 3, the line above by 4"},
		{"behind a comment", "  root:\n", "   root:\n", "f:12: does not fit the lines above it: it is indented by 2, the line above by 4"},
		{"deeper than a value", "    name: c", "     name: c", "f:11: does not fit the lines above it: it is indented by 5, the line above by 4"},
		{"brace", "{root: 2}", "{root: 2", "f:5: has a { that is not closed, or a value that needs quotes"},
		{"bracket", "[a, b]", "[a, b", "f:10: has a [ that is not closed"},
		{"bracket over lines", "    e]}", "    e", "f:12: has a [ that is not closed"},
		{"quote", "name: crypto officer 1", "name: \"crypto officer 1", "f:11: has a quote that is not closed"},
		{"colon in a value", "name: crypto officer 1", "name: crypto: officer 1", "f:11: does not fit the lines above it"},
		{"no colon", "version: 1", "version 1", "f:3: does not fit the lines above it, which may lack a colon or a quote (mapping values are not allowed in this context)"},
		{"no colon, at the end", "    e]}", "    e]}\nend", "f:15: has no colon behind its name (could not find expected ':')"},
		{"at", "name: crypto", "name: @crypto", "f:11: has a value that needs quotes (found character that cannot start any token)"},
		{"backslash", "name: crypto officer 1", `name: "crypto \q officer"`, "f:11: has a backslash in double quotes"},
		{"anchor", "name: crypto", "name: *crypto", "f:11: not YAML: unknown anchor 'crypto' referenced"},
		{"byte order mark", "# who", "\ufeff# who", "f:1: has a byte order mark (U+FEFF), which does not show; want UTF-8 without it"},
		{"no-break space", "administrator: 1", "administrator:\u00a01", "f:4: has a no-break space (U+00A0), which does not show; want a plain space"},
		{"line ends of old", "1\npeople", "1\rpeople", "f:2: has a carriage return without a line feed (U+000D), which does not show; want lines that end"},
		{"zero width", "administrator", "admin\u200bistrator", "f:4: has the character U+200B, which does not show; want the text without it"},
	} {
		text := strings.Replace(written, tt.old, tt.new, 1)
		if text == written {
			t.Fatalf("%s: nothing is changed", tt.name)
		}
		source := At("f", 0)
		err := source.CheckText([]byte(text))
		if err == nil {
			_, err = Parse(source, []byte(text))
		}
		if err == nil || fault.CodeOf(err) != fault.Usage || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// TestMistakeLarge looks for a mistake no longer than people wait.
func TestMistakeLarge(t *testing.T) {
	for _, lines := range []int{2000, 100000} {
		text := "a:\n" + strings.Repeat("  - b\n", lines) + "   c: 1\n"
		begun := time.Now()
		_, err := Parse(At("f", 0), []byte(text))
		if err == nil || time.Since(begun) > 20*time.Second {
			t.Errorf("%d lines: got %v after %s", lines, err, time.Since(begun))
		}
	}
}
