package hsm_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// modulesDoc is made by scripts/hsm-test.sh from runs of the suite.
const modulesDoc = "../docs/hsm-modules.md"

// suite has the modules that it runs on, in the order of the tables.
var suite = []string{"softhsm", "opencryptoki", "tpm2-pkcs11", "nss", "p11-kit-proxy", "kryoptic"}

// The tables have a column for each module of the suite, and what modules of the suite
// need is said to be measured.
func TestModulesOfTheSuiteAreDocumented(t *testing.T) {
	text := readText(t, modulesDoc)
	for _, name := range []string{"capabilities", "behaviour"} {
		_, table, _ := strings.Cut(text, "<!-- begin "+name+" -->\n")
		heading, _, _ := strings.Cut(table, "\n")
		if got := strings.Fields(strings.ReplaceAll(heading, "|", " ")); !slices.Equal(got, suite) {
			t.Errorf("%s: got columns %v, want %v", name, got, suite)
		}
	}
	measured := map[string]bool{}
	for _, b := range hsm.Blocks() {
		measured[b.Name] = b.Measured
	}
	for _, name := range suite {
		if !measured[name] {
			t.Errorf("%s: not among the blocks that were measured", name)
		}
	}
}

// Every habit has a row in the docs and is used by a test.
func TestHabitsAreDocumentedAndTried(t *testing.T) {
	shim := readText(t, "testdata/habits.c")
	tests, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var used strings.Builder
	for _, path := range tests {
		used.WriteString(readText(t, path))
	}
	_, table, _ := strings.Cut(readText(t, modulesDoc), "## Habits\n")
	table, _, _ = strings.Cut(table, "\n## ")
	habits := map[string]bool{}
	for _, match := range regexp.MustCompile(`\{"([a-z-]+)", [A-Z_]+, [a-z_]+\}`).FindAllStringSubmatch(shim, -1) {
		habits[match[1]] = true
	}
	if len(habits) < 15 {
		t.Fatalf("found %d habits", len(habits))
	}
	for name := range habits {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("habit %s is not in docs/hsm-modules.md", name)
		}
		if !regexp.MustCompile(`"` + name + `[" ]`).MatchString(used.String()) {
			t.Errorf("habit %s is tried by no test", name)
		}
	}
	for _, match := range regexp.MustCompile("(?m)^\\| ?(`.*?) \\|").FindAllStringSubmatch(table, -1) {
		for _, name := range strings.Split(match[1], ", ") {
			if !habits[strings.Trim(name, "` ")] {
				t.Errorf("docs/hsm-modules.md has habit %s, the shim has not", name)
			}
		}
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
