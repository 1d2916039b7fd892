package hsm_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// withHabit returns m with one of the habits of testdata/habits.c.
func withHabit(t testing.TB, m hsm.Module, habit string) hsm.Module {
	t.Helper()
	name, _, _ := strings.Cut(habit, " ")
	report(t, "habits", name)
	return hsmtest.WithHabit(t, m, habit)
}

// report adds lines to a file of KEYRITE_REPORTS, where that is set: what
// scripts/hsm-test.sh counts.
func report(t testing.TB, name string, lines ...string) {
	t.Helper()
	dir := os.Getenv("KEYRITE_REPORTS")
	if dir == "" {
		return
	}
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString(strings.Join(lines, "\n") + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// habitual is a fresh token, officer-1, of a module with a habit.
func habitual(t testing.TB, kind hsm.KeyType, habit string) target {
	t.Helper()
	g := softHSMTarget(t, kind)
	g.module = withHabit(t, g.module, habit)
	return g
}

// One failing C_GetMechanismInfo loses a line, and keys are made all the same.
func TestHabitMechanismInfoFails(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "mechanism-info 5")
	token := g.open(t)
	defer token.Close()
	c, err := token.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range c.Keys {
		if !k.Generate || k.Sign == "" || !strings.Contains(k.Unclear, "C_GetMechanismInfo: CKR_GENERAL_ERROR (0x5)") {
			t.Errorf("got %+v", k)
		}
	}
	table := hsm.CapabilityTable([]hsm.Report{{Name: "a", Token: token.Info(), Capabilities: c}})
	if !strings.Contains(table, "not clear: C_GetMechanismInfo") {
		t.Errorf("got %s", table)
	}
	hsmtest.Generate(t, token, "root-a", g.kind)
}
