package fault

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

// TestDocs holds that docs/errors.md lists every word, and nothing else.
func TestDocs(t *testing.T) {
	const name = "../../docs/errors.md"
	var b strings.Builder
	fmt.Fprint(&b, `# Error codes

What `+"`--output json`"+` says in `+"`error.code`"+`, for programs; `+"`error.exit`"+` is the exit code of the command. A word is finer than an exit code
and as stable: none is taken out or given another meaning, and new ones come. A program that does not know a word goes by the exit
code. The exit code beside a word is its usual one.

Made by `+"`go test ./ceremony/fault -run Docs -update`"+`.

| code | exit | |
|---|---|---|
`)
	for _, w := range Words() {
		fmt.Fprintf(&b, "| `%s` | %d | %s |\n", w.Word, w.Exit, w.Means)
	}
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != b.String() {
		t.Errorf("%s is not current (%v); make it with go test ./ceremony/fault -run Docs -update", name, err)
	}
}
