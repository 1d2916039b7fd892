package hsm_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// buildHabits compiles testdata/habits.c, once.
var buildHabits = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "keyrite-habits-")
	if err != nil {
		return "", err
	}
	habitsDir = dir
	path := filepath.Join(dir, "habits.so")
	out, err := exec.Command("cc", "-shared", "-fPIC", "-o", path, "testdata/habits.c", "-ldl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc: %v: %s", err, out)
	}
	return path, nil
})

// habitsDir is where it lies; TestMain removes it.
var habitsDir string

// withHabit returns m with one of the habits of testdata/habits.c.
func withHabit(t testing.TB, m hsm.Module, habit string) hsm.Module {
	t.Helper()
	path, err := buildHabits()
	if err != nil {
		t.Fatal(err)
	}
	env := maps.Clone(m.Env)
	if env == nil {
		env = map[string]string{}
	}
	env["HABIT"], env["HABIT_MODULE"], env["HABIT_PIN"] = habit, m.Path, hsmtest.PIN
	m.Path, m.Env = path, env
	return m
}

// habitual is a fresh token, officer-1, of a module with a habit.
func habitual(t testing.TB, kind hsm.KeyType, habit string) target {
	t.Helper()
	g := softHSMTarget(t, kind)
	g.module = withHabit(t, g.module, habit)
	return g
}

// One slot that cannot be read is a line of its own; the others work.
func TestHabitOneBadSlot(t *testing.T) {
	for ckr, name := range map[string]string{
		"E0": "CKR_TOKEN_NOT_PRESENT", "E1": "CKR_TOKEN_NOT_RECOGNIZED", "30": "CKR_DEVICE_ERROR", "6": "CKR_FUNCTION_FAILED", "5": "CKR_GENERAL_ERROR",
	} {
		t.Run(name, func(t *testing.T) {
			g := habitual(t, hsm.Ed25519, "slot "+ckr)
			listing, err := hsm.Tokens(t.Context(), g.module)
			if err != nil || len(listing.Tokens) != 2 || listing.Tokens[0].Label != "officer-1" || len(listing.Faults) != 1 {
				t.Fatalf("got %+v, %v", listing, err)
			}
			if bad := listing.Faults[0]; bad.Slot != 0x7777 || bad.Err.Call != "C_GetTokenInfo" || bad.Err.CKR != name+" (0x"+ckr+")" {
				t.Errorf("got slot %x: %v", bad.Slot, bad.Err)
			}
			if err := g.ceremony(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := hsm.InitToken(t.Context(), g.module, hsm.InitTarget{}, "new", []byte(hsmtest.SOPIN), []byte(g.pin)); err != nil {
				t.Error(err)
			}
			_, err = hsm.Open(t.Context(), g.module, hsm.URI{Token: "other"})
			wantError(t, err, hsm.ErrTokenNotFound, "slot 30583 cannot be read ("+name)
			wantError(t, err, hsm.ErrTokenNotFound, "token=officer-1")
			wantHint(t, err, "into its slot again")
		})
	}
}

// A person who is waited for sees which slot cannot be read.
func TestHabitBadSlotWhileWaiting(t *testing.T) {
	m := hsmtest.Module(t)
	var shown []hsm.Listing
	found, err := hsm.WaitForToken(t.Context(), withHabit(t, m, "slot 30"), hsm.URI{Token: "officer-1"}, func(present hsm.Listing) {
		shown = append(shown, present)
		hsmtest.AddToken(t, m, "officer-1")
	})
	if err != nil || found.Label != "officer-1" || len(shown) != 1 || len(shown[0].Faults) != 1 {
		t.Errorf("got %+v, %v, after %+v", found, err, shown)
	}
}
