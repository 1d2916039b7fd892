package hsm_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// A token that gives the handles of an older pair loses the new one, not the old.
func TestHabitWrongHandles(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "wrong-handles")
	token := g.open(t)
	defer token.Close()
	old := hsmtest.Generate(t, token, "root-a", g.kind)
	_, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-b", Type: g.kind})
	wantError(t, err, hsm.ErrEvidence, "the handles that the token gave for the new pair are those of another; the new pair was destroyed")
	if _, err := token.Find(t.Context(), old.Public()); err != nil {
		t.Error(err)
	}
	if keys, err := token.Keys(t.Context()); err != nil || len(keys) != 1 {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
}

// A token may give ids of its own: they are adopted.
func TestHabitOwnIDs(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "own-ids")
	token := g.open(t)
	defer token.Close()
	made, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-a", Type: g.kind})
	if err != nil || string(made.ID()) != "\x90\x01" {
		t.Fatalf("got %v, %v", made, err)
	}
	if key, err := token.Find(t.Context(), made.Public()); err != nil || string(key.ID()) != "\x90\x01" {
		t.Errorf("got %v, %v", key, err)
	}
	if left, err := token.FindID(t.Context(), faultID[:]); err != nil || !left.Empty() {
		t.Errorf("got %+v, %v", left, err)
	}
	left, err := token.FindBegun(t.Context(), faultID[:], "root-a")
	if err != nil || left.Key == nil || string(left.ID) != "\x90\x01" {
		t.Errorf("got %+v, %v", left, err)
	}
	if left, err := token.FindBegun(t.Context(), faultID[:], "root-b"); err != nil || !left.Empty() {
		t.Errorf("got %+v, %v", left, err)
	}
	if err := token.Destroy(t.Context(), left.ID); err != nil {
		t.Error(err)
	}
	wantFree(t, g, "root-a")
}

// A second pair that gets the id of the first is no pair that can be used.
func TestHabitSameID(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "own-ids-same")
	token := g.open(t)
	defer token.Close()
	first := hsmtest.Generate(t, token, "root-a", g.kind)
	_, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-b", Type: g.kind})
	wantError(t, err, hsm.ErrUnsupported, "private key of that id; got 2 objects, want 1; the new pair was destroyed")
	if key := onlyKey(t, token); !first.Public().(ed25519.PublicKey).Equal(key.Public()) {
		t.Errorf("%q is left", key.Label())
	}
	wantFree(t, g, "root-b")
}

// wantFree fails when something on the token still blocks a name.
func wantFree(t *testing.T, g target, label string) {
	t.Helper()
	p, session := g.raw(t)
	if err := p.FindObjectsInit(session, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_LABEL, label)}); err != nil {
		t.Fatal(err)
	}
	if found, _, err := p.FindObjects(session, 9); err != nil || len(found) != 0 {
		t.Errorf("%d objects %q are on the token, %v", len(found), label, err)
	}
}

// A pair that signing would not find again is destroyed by its handles, whatever ids
// it has, and blocks no name.
func TestHabitNewPairIsNotFoundAgain(t *testing.T) {
	for habit, want := range map[string]struct {
		kind error
		text string
	}{
		"own-ids-apart": {hsm.ErrUnsupported, "no private key of that id on the token; the new pair was destroyed"},
		"search-none":   {hsm.ErrUnsupported, "no public key on the token; the new pair was destroyed"},
		"own-ids-fail":  {hsm.ErrFailed, "C_GenerateKeyPair"},
	} {
		t.Run(habit, func(t *testing.T) {
			g := habitual(t, hsm.Ed25519, habit)
			plain := g
			plain.module.Path, plain.module.Env = g.module.Env["HABIT_MODULE"], g.module.Env
			token := g.open(t)
			_, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-a", Type: g.kind})
			token.Close()
			wantError(t, err, want.kind, want.text)
			wantFree(t, plain, "root-a")
		})
	}
}

// Both spellings of the Edwards curve are tried.
func TestHabitCurveSpellings(t *testing.T) {
	for _, habit := range []string{"curve-oid", "curve-name"} {
		g := habitual(t, hsm.Ed25519, habit)
		token := g.open(t)
		made := hsmtest.Generate(t, token, "root-a", g.kind)
		if e := made.Evidence(); e.Template != "locked" {
			t.Errorf("%s: template %s, want locked", habit, e.Template)
		}
		token.Close()
		if err := g.ceremony(t.Context()); err != nil {
			t.Errorf("%s: %v", habit, err)
		}
	}
}

// A curve that a token has in no spelling is one that it does not have.
func TestCurveThatATokenDoesNotHave(t *testing.T) {
	g := softHSMTarget(t, hsm.ECDSAP384)
	g.module = behindProxy(t, g.module, "C_GenerateKeyPair 0 before 0x140", os.DevNull)
	err := g.ceremony(t.Context())
	wantError(t, err, hsm.ErrUnsupported, "CKR_CURVE_NOT_SUPPORTED")
	wantHint(t, err, "does not have this curve")
}

// Evidence is judged when the key is made, not when it is to sign.
func TestHabitNoEvidence(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "not-local")
	token := g.open(t)
	defer token.Close()
	spec := hsm.KeySpec{ID: faultID, Label: "root-a", Type: g.kind}
	_, err := token.Generate(t.Context(), spec)
	wantError(t, err, hsm.ErrEvidence, "got local: false, never extractable: true; the new pair was destroyed")
	wantHint(t, err, "gives no evidence")
	if left, err := token.FindBegun(t.Context(), faultID[:], "root-a"); err != nil || !left.Empty() {
		t.Errorf("left %+v, %v", left, err)
	}
	spec.Unproven = true
	key, err := token.Generate(t.Context(), spec)
	if err != nil || key.Evidence().Local {
		t.Errorf("got %v, %v", key, err)
	}
}

// A token that shows less than it was asked for has given less.
func TestHabitNotSensitive(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "not-sensitive")
	token := g.open(t)
	defer token.Close()
	_, err := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-a", Type: g.kind, Unproven: true})
	wantError(t, err, hsm.ErrEvidence, "the new key is sensitive: false, extractable: false")
	wantHint(t, err, "grants less than it was asked for")
	if left, err := token.FindBegun(t.Context(), faultID[:], "root-a"); err != nil || !left.Empty() {
		t.Errorf("left %+v, %v", left, err)
	}
}

// So it is when a backup is restored. The module makes some Edwards key of it: that is
// noticed when the pair is to sign, and it was made in the spelling that the module takes.
func TestHabitCurveSpellingsOfABackup(t *testing.T) {
	for _, habit := range []string{"curve-oid", "curve-name"} {
		g := habitual(t, hsm.Ed25519, habit)
		if _, err := hsm.ImportWrappingKey(t.Context(), g.module, g.uri, "backup", []byte(hsmtest.SOPIN), components()); err != nil {
			t.Fatal(err)
		}
		token := g.open(t)
		_, err := token.Restore(t.Context(), hsm.WrappedKey{Label: "root-a", Type: g.kind, WrappingKey: "backup", Mechanism: "CKM_AES_KEY_WRAP_PAD", Wrapped: "AAAA",
			Public: base64.StdEncoding.EncodeToString(spki(t, ed25519.PublicKey(bytes.Repeat([]byte{7}, 32))))}, faultID)
		token.Close()
		wantError(t, err, hsm.ErrSignature, `the new key "root-a" was destroyed`)
	}
}
