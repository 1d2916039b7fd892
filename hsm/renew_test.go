package hsm_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// faultyProcess is g with a fault in the nth helper that is started on it, and
// the file where its calls are logged.
func (g target) faultyProcess(t *testing.T, nth int, fault string) (_ target, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "calls")
	g.module = behindProxy(t, g.module, fault, log)
	g.module.Env["FAULTPROXY_PROCESS"] = fmt.Sprintf("%d %s", nth, filepath.Join(dir, "processes"))
	return g, log
}

// makes are the calls that make objects.
var makes = []string{"C_GenerateKeyPair", "C_CreateObject", "C_UnwrapKey"}

// wantLifetimes fails when a helper made an object after it had destroyed one,
// and unless as many helpers were started and logged in.
func wantLifetimes(t *testing.T, log string, helpers int) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	destroyed := false
	for _, call := range strings.Fields(string(text)) {
		switch {
		case call == "C_Initialize":
			destroyed = false
		case call == "C_DestroyObject":
			destroyed = true
		case destroyed && slices.Contains(makes, call):
			t.Errorf("%s after C_DestroyObject in one helper", call)
		}
	}
	if calls := countCalls(t, log); calls["C_Initialize"] != helpers || calls["C_Login"] != helpers {
		t.Errorf("got %d helpers and %d logins, want %d of each", calls["C_Initialize"], calls["C_Login"], helpers)
	}
}

func TestNoHelperMakesAfterItDestroyed(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519).faultyProcess(t, 0, "")
	token := g.open(t)
	defer token.Close()
	for range 3 {
		key := hsmtest.Generate(t, token, "root-a", g.kind)
		if _, err := key.Sign(t.Context(), []byte("metadata")); err != nil {
			t.Error(err)
		}
		if err := token.Destroy(t.Context(), key.ID()); err != nil {
			t.Fatal(err)
		}
	}
	wantLifetimes(t, log, 3)
}

// A template that is refused, and leaves a pair all the same, ends the helper
// before the next one is tried.
func TestNextTemplateAfterRemovedHalves(t *testing.T) {
	g, log := softHSMTarget(t, hsm.ECDSAP256).faultyProcess(t, 1, "C_GenerateKeyPair 1 after 0x5")
	token := g.open(t)
	defer token.Close()
	key := hsmtest.Generate(t, token, "root-a", g.kind)
	if got := key.Evidence().Template; got != "strict" {
		t.Errorf("template; got %s, want strict", got)
	}
	keys, err := token.Keys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
	wantLifetimes(t, log, 2)
}

// After the last template there is nothing to start a helper for.
func TestEveryTemplateIsRefused(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519), filepath.Join(t.TempDir(), "calls")
	g.module = behindProxy(t, g.module, "C_GenerateKeyPair 0 after 0x5", log)
	token := g.open(t)
	defer token.Close()
	_, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-a", Type: g.kind})
	wantError(t, err, hsm.ErrFailed, "C_GenerateKeyPair")
	if left, err := token.FindID(t.Context(), faultID[:]); err != nil || !left.Empty() {
		t.Errorf("left %+v, %v", left, err)
	}
	wantLifetimes(t, log, 6) // three templates, and two spellings of the curve
}

func TestKeysEndWithTheirHelper(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	first := hsmtest.Generate(t, token, "root-a", hsm.Ed25519)
	other := hsmtest.Generate(t, token, "root-b", hsm.Ed25519)
	if err := token.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := first.Sign(t.Context(), []byte("metadata"))
	wantError(t, err, hsm.ErrClosed, "officer-1")
	found, err := token.Find(t.Context(), other.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := found.Sign(t.Context(), []byte("metadata")); err != nil {
		t.Error(err)
	}
}

// The PIN that was accepted is tried once more, and never a third time.
func TestRenewTriesThePINOnce(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519).faultyProcess(t, 2, "C_Login 0 before 0xA0")
	token := g.open(t)
	defer token.Close()
	wantError(t, token.Renew(t.Context()), hsm.ErrPINIncorrect, "C_Login")
	wantError(t, token.Renew(t.Context()), hsm.ErrNotLoggedIn, "no PIN")
	if n := countCalls(t, log)["C_Login"]; n != 2 {
		t.Errorf("got %d logins, want 2", n)
	}
}

func TestRenewWantsALogin(t *testing.T) {
	m, uri, pin := hsmtest.Token(t, "officer-1")
	token, err := hsm.Open(t.Context(), m, uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	wantError(t, token.Renew(t.Context()), hsm.ErrNotLoggedIn, "no PIN")
	wantError(t, token.Login(t.Context(), []byte("wrong")), hsm.ErrPINIncorrect, "C_Login")
	wantError(t, token.Renew(t.Context()), hsm.ErrNotLoggedIn, "no PIN")
	if err := token.Login(t.Context(), []byte(pin)); err != nil {
		t.Fatal(err)
	}
	if err := token.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, token.Renew(t.Context()), hsm.ErrNotLoggedIn, "no PIN")
}
