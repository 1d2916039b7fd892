package hsmtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// BuildHabits compiles the module of habits into a shared object: its sources are
// habits.c and manners.c in hsm's testdata, the folder that is given.
func BuildHabits(testdata, object string) error {
	sources := []string{filepath.Join(testdata, "habits.c"), filepath.Join(testdata, "manners.c")}
	out, err := exec.Command("cc", append([]string{"-Wall", "-Werror", "-shared", "-fPIC", "-o", object, "-ldl"}, sources...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cc: %v: %s", err, out)
	}
	return nil
}

// habits is the module of habits, built once for each test program.
var habits = sync.OnceValues(func() (string, error) {
	sources, err := testdata()
	if err != nil {
		return "", err
	}
	if habitsDir, err = os.MkdirTemp("", "keyrite-habits-"); err != nil {
		return "", err
	}
	path := filepath.Join(habitsDir, "habits.so")
	return path, BuildHabits(sources, path)
})

var habitsDir string

// testdata is that of package hsm, seen from any package of the module.
func testdata() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil && dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "hsm/testdata"), nil
		}
	}
	return "", fmt.Errorf("no go.mod above the test: %w", errors.ErrUnsupported)
}

// RemoveHabits removes what WithHabit has built: for TestMain.
func RemoveHabits() { os.RemoveAll(habitsDir) }

// WithHabit returns m with one of the habits of testdata/habits.c.
func WithHabit(t testing.TB, m hsm.Module, habit string) hsm.Module {
	t.Helper()
	path, err := habits()
	if err != nil {
		t.Fatal(err)
	}
	env := maps.Clone(m.Env)
	if env == nil {
		env = map[string]string{}
	}
	env["HABIT"], env["HABIT_MODULE"], env["HABIT_PIN"] = habit, m.Path, PIN
	m.Path, m.SHA256, m.Env = path, "", env
	return m
}
