package hsm_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/pkcs11"
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

// Keys are found where a search by the public value, or by anything but the class,
// finds nothing or is refused.
func TestHabitSearch(t *testing.T) {
	for _, habit := range []string{"search-value 0", "search-value 12", "search-value 13", "search-value D1", "search-class"} {
		for _, kind := range []hsm.KeyType{hsm.Ed25519, hsm.RSA3072} {
			t.Run(habit+" "+string(kind), func(t *testing.T) {
				g := habitual(t, kind, habit)
				token := g.open(t)
				defer token.Close()
				other := hsmtest.Generate(t, token, "root-b", hsm.ECDSAP256)
				made := hsmtest.Generate(t, token, "root-a", kind)
				key, err := token.Find(t.Context(), made.Public())
				if err != nil || key.Label() != "root-a" {
					t.Fatalf("got %v, %v", key, err)
				}
				if keys, err := token.Keys(t.Context()); err != nil || len(keys) != 2 {
					t.Errorf("got %d keys, %v", len(keys), err)
				}
				_, err = token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte{1}, Label: "root-a", Type: kind})
				wantError(t, err, hsm.ErrExists, "root-a")
				_, err = token.Generate(t.Context(), hsm.KeySpec{ID: [16]byte(made.ID()), Label: "root-c", Type: kind})
				wantError(t, err, hsm.ErrExists, "root-c")
				if err := token.Destroy(t.Context(), made.ID()); err != nil {
					t.Fatal(err)
				}
				_, err = token.Find(t.Context(), made.Public())
				wantError(t, err, hsm.ErrKeyNotFound, "no public key")
				if _, err := token.Find(t.Context(), other.Public()); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// An answer that is no "cannot search by that" is an error, not an empty list.
func TestHabitSearchThatFails(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "search-value 30")
	wantError(t, g.ceremony(t.Context()), hsm.ErrFailed, "C_FindObjectsInit: token reported a failure; the new pair was destroyed: answer CKR_DEVICE_ERROR")
}

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

// An empty answer is believed of a search that has found something before.
func TestSearchesThatWorkAreBelieved(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519), filepath.Join(t.TempDir(), "calls")
	plain := g.open(t)
	made := hsmtest.Generate(t, plain, "root-a", g.kind)
	plain.Close()
	g.module = behindProxy(t, g.module, "", log)
	token := g.open(t)
	defer token.Close()
	searches := 0
	for i, step := range []struct {
		pub  crypto.PublicKey
		want int
	}{
		{make(ed25519.PublicKey, 32), 3}, // by both spellings of the value, and every public key
		{made.Public(), 2},               // the public key, the private key
		{make(ed25519.PublicKey, 32), 2}, // by both spellings
	} {
		_, _ = token.Find(t.Context(), step.pub)
		now := countCalls(t, log)["C_FindObjectsInit"]
		if now-searches != step.want {
			t.Errorf("%d: got %d searches, want %d", i, now-searches, step.want)
		}
		searches = now
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

// A token that gives only sessions that read lists and signs.
func TestHabitReadOnly(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	token := g.open(t)
	made := hsmtest.Generate(t, token, "root-a", g.kind)
	token.Close()
	if token.Info().WriteProtected {
		t.Error("SoftHSM is not write-protected")
	}
	g.module = withHabit(t, g.module, "read-only")
	token = g.open(t)
	defer token.Close()
	if !token.Info().WriteProtected {
		t.Error("not seen to be write-protected")
	}
	if c, err := token.Capabilities(t.Context()); err != nil || len(c.Keys) == 0 {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := onlyKey(t, token).Sign(t.Context(), []byte("metadata")); err != nil {
		t.Error(err)
	}
	backup := hsm.WrappedKey{Label: "root-b", Type: g.kind, Public: base64.StdEncoding.EncodeToString(spki(t, make(ed25519.PublicKey, 32))),
		WrappingKey: "backup", Mechanism: "CKM_AES_KEY_WRAP_PAD"}
	_, generateErr := token.Generate(t.Context(), hsm.KeySpec{ID: faultID, Label: "root-b", Type: g.kind})
	_, restoreErr := token.Restore(t.Context(), backup, faultID)
	destroyErr := token.Destroy(t.Context(), made.ID())
	token.Close()
	_, importErr := hsm.ImportWrappingKey(t.Context(), g.module, g.uri, "backup", []byte(hsmtest.SOPIN), components())
	for name, err := range map[string]error{"generate": generateErr, "restore": restoreErr, "destroy": destroyErr, "wrapping key": importErr} {
		t.Run(name, func(t *testing.T) {
			wantError(t, err, hsm.ErrReadOnly, "token is write-protected")
			wantHint(t, err, "lists and signs as it is")
		})
	}
}

func spki(t *testing.T, pub crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return der
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

// What a module shows without end is stopped.
func TestHabitWithoutEnd(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "endless")
	token := g.open(t)
	_, err := token.Keys(t.Context())
	wantError(t, err, hsm.ErrFailed, "a search has found more than 65536 objects and was stopped")
	token.Close()

	g = habitual(t, hsm.Ed25519, "many-mechanisms")
	token = g.open(t)
	_, err = token.Capabilities(t.Context())
	wantError(t, err, hsm.ErrFailed, "mechanisms; got 100000, want at most 4096")
	token.Close()

	g = habitual(t, hsm.Ed25519, "many-slots")
	_, err = hsm.Tokens(t.Context(), g.module)
	wantError(t, err, hsm.ErrFailed, "slots; got 5000, want at most 1024")

	g = softHSMTarget(t, hsm.Ed25519)
	token = g.open(t)
	hsmtest.Generate(t, token, "root-a", g.kind)
	token.Close()
	g.module = withHabit(t, g.module, "large-attribute")
	token = g.open(t)
	defer token.Close()
	if key := onlyKey(t, token); key.Label() != "" {
		t.Errorf("got a label of %d bytes", len(key.Label()))
	}
}

// The flag alone says little: what it means is not specified.
func TestWriteProtectedFlag(t *testing.T) {
	g := withFlags(t, "0x2")
	token := g.open(t)
	defer token.Close()
	if !token.Info().WriteProtected {
		t.Error("the flag is not seen")
	}
	hsmtest.Generate(t, token, "root-a", g.kind)
}
