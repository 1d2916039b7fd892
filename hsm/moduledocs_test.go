//go:build modules

package hsm_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// TestModulesDoc runs after the others: the tables of docs/hsm-modules.md are what the
// modules of the suite said and did. KEYRITE_UPDATE=1 writes them.
func TestModulesDoc(t *testing.T) {
	var modules []findings
	for _, name := range suite {
		data, err := os.ReadFile(filepath.Join(required(t, "KEYRITE_REPORTS"), name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var f findings
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		modules = append(modules, f)
	}
	old := readText(t, modulesDoc)
	text := old
	for name, table := range map[string]string{
		"capabilities": capabilities(modules), "behaviour": behaviour(modules), "habits": habitsMet(modules),
	} {
		text = replaced(t, text, name, table)
	}
	switch {
	case text == old:
	case os.Getenv("KEYRITE_UPDATE") == "1":
		if err := os.WriteFile(modulesDoc, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the modules say; run KEYRITE_UPDATE=1 scripts/hsm-test.sh. Want:\n%s", modulesDoc, text)
	}
}

// replaced puts a table into the text between the marks of its name.
func replaced(t *testing.T, text, name, table string) string {
	t.Helper()
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
	before, rest, found := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table %s", modulesDoc, name)
	}
	return before + begin + table + end + after
}

// capabilities is what `keyrite token info --all` prints.
func capabilities(modules []findings) string {
	var reports []hsm.Report
	for _, f := range modules {
		reports = append(reports, f.Report)
	}
	return hsm.CapabilityTable(reports)
}

// behaviour has a row for each fact that was found.
func behaviour(modules []findings) string {
	rows := [][]string{{""}}
	for i, f := range modules[0].Facts {
		rows = append(rows, []string{f.Name})
		for _, m := range modules {
			rows[i+1] = append(rows[i+1], m.Facts[i].Value)
		}
	}
	for _, m := range modules {
		rows[0] = append(rows[0], m.Report.Name)
	}
	return hsm.Markdown(rows)
}

// habitsMet has a row for each habit that a module of the suite has.
func habitsMet(modules []findings) string {
	met := map[string][]string{}
	for _, m := range modules {
		for _, habit := range m.Habits {
			met[habit] = append(met[habit], m.Report.Name)
		}
	}
	rows := [][]string{{"habit", "met on"}}
	for habit, names := range met {
		rows = append(rows, []string{"`" + habit + "`", strings.Join(names, ", ")})
	}
	slices.SortFunc(rows[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return hsm.Markdown(rows)
}
