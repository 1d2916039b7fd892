package hsm_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// Answers to C_Initialize that are no reason to give up.
func TestHabitInitialize(t *testing.T) {
	for name, test := range map[string]struct{ habit, init string }{
		"already initialised": {"initialize 191", ""},
		"cannot lock":         {"initialize A", ""},
		"wants a string":      {"initialize 7", "configdir='/nowhere'"},
	} {
		t.Run(name, func(t *testing.T) {
			g := habitual(t, hsm.Ed25519, test.habit)
			g.module.Init = test.init
			if err := g.ceremony(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A module that does not start is told by what it wrote, what it was given, and what
// it may lack.
func TestHabitDoesNotStart(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "initialize 30")
	_, err := hsm.Tokens(t.Context(), g.module)
	wantError(t, err, hsm.ErrStart, "C_Initialize: module did not start; "+
		"env: HABIT, HABIT_MODULE, HABIT_PIN, SOFTHSM2_CONF; it said: habits: cannot reach the daemon: answer CKR_DEVICE_ERROR (0x30)")
	wantHint(t, err, "its service runs")

	plain := softHSMTarget(t, hsm.Ed25519).module
	silent := behindProxy(t, plain, "C_Initialize 1 before 0x30", os.DevNull)
	_, err = hsm.Tokens(t.Context(), silent)
	wantError(t, err, hsm.ErrStart, "SOFTHSM2_CONF: answer CKR_DEVICE_ERROR")

	g.module.Env["HABIT"] = "initialize 7"
	_, err = hsm.Tokens(t.Context(), g.module)
	wantError(t, err, hsm.ErrStart, "CKR_ARGUMENTS_BAD")
	wantHint(t, err, "want an init string")

	g.module.Env["HABIT"] = "initialize 30"
	g.module.Path = asModule(t, g.module.Path, "opensc-pkcs11.so")
	_, err = hsm.Tokens(t.Context(), g.module)
	wantError(t, err, hsm.ErrStart, "CKR_DEVICE_ERROR")
	wantHint(t, err, "is pcscd running")
}

// A module that reaches for its service when it is asked for its slots.
func TestHabitSlotsCannotBeListed(t *testing.T) {
	m := habitual(t, hsm.Ed25519, "slot-list 30").module
	_, err := hsm.Tokens(t.Context(), m)
	wantError(t, err, hsm.ErrFailed, "C_GetSlotList: token reported a failure: answer CKR_DEVICE_ERROR (0x30)")
	wantHint(t, err, "its own tool or log may")
	m.Path = asModule(t, m.Path, "libykcs11.so.2")
	_, err = hsm.Tokens(t.Context(), m)
	wantHint(t, err, "is pcscd running")
}

// asModule is a link to a module with another's name.
func asModule(t *testing.T, path, name string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	return link
}

func TestHabitNoToken(t *testing.T) {
	m := withHabit(t, softHSMTarget(t, hsm.Ed25519).module, "empty")
	listing, err := hsm.Tokens(t.Context(), m)
	if err != nil || len(listing.Tokens)+len(listing.Faults) != 0 {
		t.Errorf("got %+v, %v", listing, err)
	}
	if got, want := m.Empty(), "module softhsm: no slot has a token"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = hsm.Open(t.Context(), m, hsm.URI{Token: "officer-1"})
	wantError(t, err, hsm.ErrTokenNotFound, "there are none")
	wantHint(t, err, "compare its serial")

	m.Path = asModule(t, m.Path, "libopencryptoki.so.0")
	if got, want := m.Empty(), "module softhsm: no slot has a token; is pkcsslotd running?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = hsm.Open(t.Context(), m, hsm.URI{Token: "officer-1"})
	wantHint(t, err, "is pkcsslotd running")

	// The service is known by the name behind a link too.
	file := filepath.Join(t.TempDir(), "libykcs11.so.2")
	if err := os.WriteFile(file, []byte(readText(t, m.Path)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := (hsm.Module{Path: asModule(t, file, "module.so")}).Service(); got != "pcscd" {
		t.Errorf("got %q", got)
	}
}
