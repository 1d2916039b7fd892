package hsm_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// eachTime is a token with a key that wants the PIN for each signature, as SoftHSM
// has them too.
func eachTime(t *testing.T) target {
	g := softHSMTarget(t, hsm.ECDSAP256)
	t.Run("make", func(t *testing.T) {
		p, session := g.raw(t)
		a := pkcs11.NewAttribute
		_, _, err := p.GenerateKeyPair(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_EC_KEY_PAIR_GEN, nil)},
			[]*pkcs11.Attribute{a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, []byte{1}),
				a(pkcs11.CKA_EC_PARAMS, []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7})},
			[]*pkcs11.Attribute{a(pkcs11.CKA_TOKEN, true), a(pkcs11.CKA_ID, []byte{1}), a(pkcs11.CKA_ALWAYS_AUTHENTICATE, true)})
		if err != nil {
			t.Fatal(err)
		}
	})
	return g
}

// onlyKey is the one key of a token.
func onlyKey(t *testing.T, token *hsm.Token) *hsm.Key {
	t.Helper()
	keys, err := token.Keys(t.Context())
	if err != nil || len(keys) != 1 {
		t.Fatalf("got %d keys, %v", len(keys), err)
	}
	return keys[0]
}

func TestKeyThatWantsThePINEachTime(t *testing.T) {
	g, log := eachTime(t), filepath.Join(t.TempDir(), "calls")
	g.module = behindProxy(t, g.module, "", log)
	token := g.open(t)
	defer token.Close()
	key := onlyKey(t, token)
	if !key.Evidence().PINEachTime {
		t.Error("not seen to want the PIN each time")
	}
	_, err := key.Sign(t.Context(), []byte("metadata"))
	wantError(t, err, hsm.ErrUnsupported, "CKA_ALWAYS_AUTHENTICATE")

	answers := []struct {
		pin  string
		kind error
		text string
	}{
		{g.pin, nil, ""}, {g.pin, nil, ""},
		{"wrong", hsm.ErrPINIncorrect, "C_Login: wrong PIN; the token counts the tries"},
		{g.pin, nil, ""}, // the session is of use after a wrong PIN
		{"1\t2345", hsm.ErrPINInvalid, "no try is spent"},
		{g.pin, nil, ""},
	}
	for i, answer := range answers {
		asked := 0
		token.AskPIN(func(_ context.Context, k *hsm.Key) ([]byte, error) {
			asked++
			return []byte(answer.pin), nil
		})
		_, err := key.Sign(t.Context(), []byte("metadata"))
		if answer.kind == nil && err != nil {
			t.Errorf("%d: %v", i, err)
		} else if answer.kind != nil {
			wantError(t, err, answer.kind, answer.text)
		}
		if asked != 1 {
			t.Errorf("%d: asked %d times", i, asked)
		}
	}
	token.AskPIN(func(context.Context, *hsm.Key) ([]byte, error) { return nil, os.ErrDeadlineExceeded })
	if _, err := key.Sign(t.Context(), []byte("metadata")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if n := countCalls(t, log)["C_Login"]; n != 1+5 {
		t.Errorf("got %d logins, want one and one for each PIN that can be right", n)
	}
}

// The last try is not spent on a signature.
func TestKeyThatWantsThePINEachTimeSparesTheLastTry(t *testing.T) {
	g := eachTime(t)
	g.module = behindProxy(t, g.module, "C_GetTokenInfo 4 after flags=0x20000", os.DevNull)
	token := g.open(t)
	defer token.Close()
	token.AskPIN(func(context.Context, *hsm.Key) ([]byte, error) { return []byte(g.pin), nil })
	key := onlyKey(t, token)
	_, err := key.Sign(t.Context(), []byte("metadata"))
	wantError(t, err, hsm.ErrPINFinalTry, "one PIN try is left")
	wantHint(t, err, "wants the PIN for each signature")
}

// Where the token wants no login, none is tried, and no PIN is looked at.
func TestHabitNoLogin(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "flags-clear 4")
	g.pin = ""
	if err := g.ceremony(t.Context()); err != nil {
		t.Fatal(err)
	}
	token := g.open(t)
	defer token.Close()
	if token.Info().LoginRequired || token.PINChecked() {
		t.Error("the token is said to have looked at a PIN")
	}
	if err := token.Renew(t.Context()); err != nil {
		t.Error(err)
	}
}

// A token that is logged in already is logged in, and has looked at no PIN.
func TestHabitLoggedInAlready(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "logged-in")
	g.pin = "any PIN at all"
	token := g.open(t)
	defer token.Close()
	if token.PINChecked() {
		t.Error("the token is said to have looked at the PIN")
	}
	key := hsmtest.Generate(t, token, "root-a", g.kind)
	if _, err := key.Sign(t.Context(), []byte("metadata")); err != nil {
		t.Error(err)
	}
	if honest := hsmtest.Open(t, "officer-2"); !honest.PINChecked() {
		t.Error("SoftHSM looks at PINs")
	}
}

// A token that does not show that it has a user PIN is asked all the same.
func TestHabitNoSignOfAUserPIN(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "flags-clear 8")
	if err := g.ceremony(t.Context()); err != nil {
		t.Error(err)
	}
	g.module = behindProxy(t, g.module, "C_Login 1 before 0x102", os.DevNull)
	err := g.ceremony(t.Context())
	wantError(t, err, hsm.ErrPINInvalid, "CKR_USER_PIN_NOT_INITIALIZED")
	wantHint(t, err, "first user PIN")
}

func TestHabitKeysForTheSecurityOfficerOnly(t *testing.T) {
	g := habitual(t, hsm.Ed25519, "officer-only")
	err := g.ceremony(t.Context())
	wantError(t, err, hsm.ErrNotLoggedIn, "C_GenerateKeyPair")
	wantHint(t, err, "security officer only")
}

// New keys that want the PIN each time are asked for it when they prove that they sign.
func TestHabitKeysThatWantThePINEachTime(t *testing.T) {
	g := habitual(t, hsm.ECDSAP256, "each-time")
	token := g.open(t)
	defer token.Close()
	asked := 0
	token.AskPIN(func(context.Context, *hsm.Key) ([]byte, error) {
		asked++
		return []byte(g.pin), nil
	})
	key := hsmtest.Generate(t, token, "root-a", g.kind)
	if _, err := key.Sign(t.Context(), []byte("metadata")); err != nil || asked != 2 || !key.Evidence().PINEachTime {
		t.Errorf("asked %d times, want 2; %v", asked, err)
	}
}
