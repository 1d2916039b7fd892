package hsmtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
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
