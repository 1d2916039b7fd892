package hsm_test

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestSoft holds the tokens in Go to what a ceremony asks of any token, and to the same
// errors when a call of theirs fails.
func TestSoft(t *testing.T) {
	soft := hsmtest.UseSoft(t)
	refused := 0
	for n := range 60 {
		soft.FailAt(0)
		g := target{module: hsm.Module{Name: "soft", Path: hsmtest.SoftPath}, uri: soft.Add(fmt.Sprint("soft-", n)), pin: hsmtest.PIN, kind: hsm.Ed25519}
		soft.FailAt(n)
		err := g.ceremony(t.Context())
		soft.Remove(fmt.Sprint("soft-", n))
		switch {
		case n == 0 && (err != nil || soft.Keys() != 0):
			t.Fatalf("%v; %d keys are left", err, soft.Keys())
		case err != nil && !errors.Is(err, hsm.ErrTokenRemoved) && !errors.Is(err, hsm.ErrTokenNotFound):
			t.Errorf("call %d fails: got %v", n, err)
		case err != nil:
			refused++
		}
	}
	if refused < 40 {
		t.Errorf("%d calls were noticed to fail", refused)
	}
}

// TestNoProgramHasSoft looks that the tokens of tests are in no program.
func TestNoProgramHasSoft(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../cmd/keyrite").CombinedOutput()
	if err != nil || strings.Contains(string(out), "hsmtest") || !strings.Contains(string(out), "hsm/internal/cryptoki") {
		t.Errorf("got %v:\n%s", err, out)
	}
}
