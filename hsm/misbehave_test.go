package hsm_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

func TestModuleThatHangs(t *testing.T) {
	t.Parallel()
	g := softHSMTarget(t, hsm.Ed25519)
	g.module = behindProxy(t, g.module, "C_Sign 1 before hang", os.DevNull)
	g.module.Timeout = 500 * time.Millisecond
	wantError(t, g.ceremony(t.Context()), hsm.ErrTimeout, "sign took longer than 500ms")
}

func TestModuleThatHangsCanBeInterrupted(t *testing.T) {
	t.Parallel()
	g := softHSMTarget(t, hsm.Ed25519)
	g.module = behindProxy(t, g.module, "C_Sign 1 before hang", os.DevNull)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	wantError(t, g.ceremony(ctx), hsm.ErrCanceled, "during sign")
}

func TestModuleThatCrashes(t *testing.T) {
	for _, test := range []struct{ action, text string }{{"crash", "SIGSEGV"}, {"exit", "exit status 0"}} {
		g := softHSMTarget(t, hsm.Ed25519)
		plain := g.module
		g.module = behindProxy(t, plain, "C_Sign 1 before "+test.action, os.DevNull)
		err := g.ceremony(t.Context())
		wantError(t, err, hsm.ErrCrashed, test.text)
		wantError(t, err, hsm.ErrCrashed, "during sign")
		wantError(t, err, hsm.ErrCrashed, "is still on the token")
		g.module = plain
		if left := g.reconcile(t); left.Key == nil {
			t.Errorf("the token does not hold what the error says: %+v", left)
		}
	}
}

func TestCorruptSignatureIsCaught(t *testing.T) {
	for _, kind := range []hsm.KeyType{hsm.Ed25519, hsm.ECDSAP256, hsm.RSA3072} {
		g := softHSMTarget(t, kind)
		plain := g.module
		// The first signature is the new key's self-test; then the key is destroyed.
		for n, destroyed := range map[int]bool{1: true, 2: false} {
			g.module = behindProxy(t, plain, fmt.Sprintf("C_Sign %d after corrupt", n), os.DevNull)
			wantError(t, g.ceremony(t.Context()), hsm.ErrSignature, string(kind))
			g.module = plain
			if left := g.reconcile(t); left.Empty() != destroyed {
				t.Errorf("%s: corrupt signature %d left %+v", kind, n, left)
			}
		}
	}
}

// TestAnotherKeyFound asks a module for a key that finds another: one whose search
// finds whatever there is.
func TestAnotherKeyFound(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	plain := g.open(t)
	hsmtest.Generate(t, plain, "another", hsm.Ed25519)
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	g.module = behindProxy(t, g.module, "C_FindObjectsInit 0 before loose", os.DevNull)
	token := g.open(t)
	defer token.Close()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = token.Find(t.Context(), public)
	wantError(t, err, hsm.ErrFailed, "the token found another public key than was asked for")
}

// TestTokenIsExchanged puts another token into the slot between opening it and
// logging in: that one does not get the PIN.
func TestTokenIsExchanged(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	plain, log := g.module, filepath.Join(t.TempDir(), "log")
	open := func(fault, log string) *hsm.Token {
		token, err := hsm.Open(t.Context(), behindProxy(t, plain, fault, log), g.uri)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { token.Close() })
		return token
	}
	if err := open("", log).Close(); err != nil {
		t.Fatal(err)
	}
	calls, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	looks := bytes.Count(calls, []byte("C_GetTokenInfo\n"))
	token := open(fmt.Sprintf("C_GetTokenInfo %d after stranger", looks+1), log)
	wantError(t, token.Login(t.Context(), []byte(g.pin)), hsm.ErrTokenRemoved, "another token is in its place")
	if calls, err := os.ReadFile(log); err != nil || bytes.Contains(calls, []byte("C_Login")) {
		t.Errorf("it got the PIN: %s, %v", calls, err)
	}
}

// TestWeakKeyIsDestroyed has a module that grants less than it was asked for.
func TestWeakKeyIsDestroyed(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	plain := g.module
	for _, test := range []struct {
		attribute string
		backup    bool
		want      string
	}{
		{"0x103", false, "the new key is sensitive: false, extractable: false"}, // CKA_SENSITIVE
		{"0x103", true, "the new key is sensitive: false, extractable: true"},
		{"0x162", false, "the new key is sensitive: true, extractable: true"}, // CKA_EXTRACTABLE
		{"0x162", true, "the new key is sensitive: true, extractable: false"},
		{"0x210", true, "wrapped by trusted keys only: false; want "}, // CKA_WRAP_WITH_TRUSTED
	} {
		g.module = behindProxy(t, plain, "C_GenerateKeyPair 0 before weak="+test.attribute, os.DevNull)
		token := g.open(t)
		_, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "weak", Type: g.kind, Backup: test.backup})
		wantError(t, err, hsm.ErrEvidence, test.want)
		if left, err := token.FindID(t.Context(), faultID[:]); err != nil || !left.Empty() {
			t.Errorf("%s is left with %+v, %v", test.attribute, left, err)
		}
		if err := token.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestModuleHasNoNetwork(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	g.module = behindProxy(t, g.module, "C_Login 1 before socket", os.DevNull)
	if err := g.ceremony(t.Context()); err != nil {
		t.Error(err)
	}
	g.module.Network = []string{"127.0.0.1:1792"}
	wantError(t, g.ceremony(t.Context()), hsm.ErrFailed, "C_Login")
}

func TestHelperProtectsItself(t *testing.T) {
	token := hsmtest.Open(t, "officer-1")
	active := map[string]bool{}
	for _, p := range token.Protections() {
		active[p.Name] = p.Active
		if !p.Active && p.Detail == "" {
			t.Errorf("%s: no reason", p.Name)
		}
	}
	for _, name := range []string{"core dumps off", "memory not readable by other processes", "network refused", "system calls restricted (seccomp)",
		"root of its own", "capabilities dropped", "files restricted (landlock)"} {
		if !active[name] && (name != "root of its own" || ownRoot(false)) {
			t.Errorf("not active: %s", name)
		}
	}
}
