//go:build modules

package hsm_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// Modules of card readers, whose service is out of reach: one cannot list its slots,
// another shows none, and either way people are told what must run.
func TestModulesWithoutTheirService(t *testing.T) {
	ykcs11 := hsm.Module{Name: "ykcs11", Path: library(t, "libykcs11.so*")}
	_, err := hsm.Tokens(t.Context(), ykcs11)
	wantError(t, err, hsm.ErrFailed, "C_GetSlotList")
	wantHint(t, err, "is pcscd running")
	opensc := hsm.Module{Name: "opensc", Path: library(t, "pkcs11/opensc-pkcs11.so")}
	listing, err := hsm.Tokens(t.Context(), opensc)
	if err != nil || len(listing.Tokens) > 0 || !strings.HasSuffix(opensc.Empty(), "no slot has a token; is pcscd running?") {
		t.Errorf("got %v, %v, %q", listing, err, opensc.Empty())
	}
}

// library finds a library of Debian's.
func library(t *testing.T, name string) string {
	t.Helper()
	arch, err := exec.Command("uname", "-m").Output()
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob("/usr/lib/" + strings.TrimSpace(string(arch)) + "-linux-gnu/" + name)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: not there; setup.sh --modules looks for it", name)
	}
	return found[0]
}
