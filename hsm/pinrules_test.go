package hsm_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// impossible are PINs that no token of SoftHSM's lengths (4 to 255) can have.
var impossible = map[string]struct{ pin, text string }{
	"byte order mark":  {"\ufeff1234-user", "byte order mark"},
	"control":          {"1234\t5678", "control character"},
	"control of Latin": {"1234\u00855678", "control character"},
	"no UTF-8":         {"1234\xff5678", "not valid UTF-8"},
	"short":            {"123", "got 3 bytes, want 4 to 255 bytes"},
	"long":             {strings.Repeat("1", 256), "got 256 bytes, want 4 to 255 bytes"},
	"empty":            {"", "is empty"},
}

func TestAPINThatCannotBeRightCostsNoTry(t *testing.T) {
	g, log := softHSMTarget(t, hsm.Ed25519), filepath.Join(t.TempDir(), "calls")
	g.module = behindProxy(t, g.module, "", log)
	token, err := hsm.Open(t.Context(), g.module, g.uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	for name, test := range impossible {
		t.Run(name, func(t *testing.T) {
			wantPINRefused(t, token.Login(t.Context(), []byte(test.pin)), test.pin, test.text)
			_, err := hsm.InitToken(t.Context(), g.module, hsm.InitTarget{}, "new", []byte(hsmtest.SOPIN), []byte(test.pin))
			wantPINRefused(t, err, test.pin, "user PIN ")
			_, err = hsm.InitToken(t.Context(), g.module, hsm.InitTarget{}, "new", []byte(test.pin), []byte(hsmtest.PIN))
			wantPINRefused(t, err, test.pin, "security officer PIN ")
		})
	}
	for _, call := range []string{"C_Login", "C_InitToken"} {
		if n := countCalls(t, log)[call]; n != 0 {
			t.Errorf("got %d %s, want none", n, call)
		}
	}
}

func wantPINRefused(t *testing.T, err error, pin, text string) {
	t.Helper()
	wantError(t, err, hsm.ErrPINInvalid, text)
	wantError(t, err, hsm.ErrPINInvalid, "no try is spent")
	if len(pin) > 3 && strings.Contains(err.Error(), pin) {
		t.Errorf("the error holds the PIN: %v", err)
	}
}

func TestPINLengthsOfAToken(t *testing.T) {
	for _, test := range []struct {
		min, max uint
		want     string
	}{
		{4, 8, "4 to 8 characters"}, {6, 6, "6 characters"}, {0, 8, "at most 8 characters"}, {4, 0, "at least 4 characters"}, {0, 0, ""},
	} {
		if got := (hsm.TokenInfo{MinPIN: test.min, MaxPIN: test.max}).PINLength("character"); got != test.want {
			t.Errorf("%d, %d: got %q, want %q", test.min, test.max, got, test.want)
		}
	}
	info := hsmtest.Open(t, "officer-1").Info()
	if info.MinPIN != 4 || info.MaxPIN != 255 {
		t.Errorf("SoftHSM: got %d to %d, want 4 to 255", info.MinPIN, info.MaxPIN)
	}
}

// What the token shows after a wrong PIN is part of the message.
func TestAWrongPINSaysWhatIsLeft(t *testing.T) {
	for _, test := range []struct{ name, fault, text, hint string }{
		{"count low", "", "wrong PIN; the token counts the tries (count-low): answer CKR_PIN_INCORRECT", "never tries a PIN twice"},
		{"final try", "flags=0x20000", "one try is left (final-try)", "locks the token"},
		{"locked", "flags=0x40000", "is locked now", "can set a new user PIN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := softHSMTarget(t, hsm.Ed25519)
			if test.fault != "" { // two slots are listed, then login reads the flags before and after
				g.module = behindProxy(t, g.module, "C_GetTokenInfo 4 after "+test.fault, os.DevNull)
			}
			token, err := hsm.Open(t.Context(), g.module, g.uri)
			if err != nil {
				t.Fatal(err)
			}
			defer token.Close()
			err = token.Login(t.Context(), []byte("wrong"))
			wantError(t, err, hsm.ErrPINIncorrect, test.text)
			wantHint(t, err, test.hint)
		})
	}
}

func wantHint(t testing.TB, err error, text string) {
	t.Helper()
	var e *hsm.Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, text) {
		t.Errorf("got %v with hint %q, want one with %q", err, e.Hint, text)
	}
}

// Answers of which more is known than their kind have a hint of their own.
func TestHintsOfAnswers(t *testing.T) {
	for ckr, want := range map[string]struct {
		kind error
		hint string
	}{
		"0xA1": {hsm.ErrPINInvalid, "characters"}, "0xA2": {hsm.ErrPINInvalid, "shorter or longer"}, "0xA3": {hsm.ErrPINInvalid, "a new PIN"},
		"0xA4": {hsm.ErrPINLocked, "security officer can set"}, "0x102": {hsm.ErrPINInvalid, "first user PIN"},
		"0x103": {hsm.ErrFailed, "no such user"}, "0x104": {hsm.ErrFailed, "somebody else"}, "0xE2": {hsm.ErrReadOnly, "write protection"},
		"0xB1": {hsm.ErrFailed, "all sessions"}, "0x31": {hsm.ErrFailed, "is full"}, "0x2": {hsm.ErrFailed, "no more memory"},
		"0x140": {hsm.ErrUnsupported, "this curve"}, "0x1B8": {hsm.ErrPINInvalid, "easy to guess"}, "0x80000001": {hsm.ErrFailed, "says no more"}, "0x1FF": {hsm.ErrFailed, "says no more"}, "0x5": {hsm.ErrFailed, "says no more"},
	} {
		g := softHSMTarget(t, hsm.Ed25519)
		g.module = behindProxy(t, g.module, "C_Login 1 before "+ckr, os.DevNull)
		err := g.ceremony(t.Context())
		wantError(t, err, want.kind, "("+ckr+")")
		wantHint(t, err, want.hint)
		if name, ok := map[string]string{"0x140": "CKR_CURVE_NOT_SUPPORTED", "0x80000001": "vendor-defined", "0x1FF": "not known here"}[ckr]; ok {
			wantError(t, err, want.kind, "answer "+name)
		}
	}
}

func TestChooseEmpty(t *testing.T) {
	m, uri, _ := hsmtest.Token(t, "officer-1")
	info, err := hsm.ChooseEmpty(t.Context(), m, hsm.InitTarget{}, "officer-2")
	if err != nil || info.Initialized || info.MinPIN != 4 || info.Module != m.Name {
		t.Errorf("got %+v, %v", info, err)
	}
	_, err = hsm.ChooseEmpty(t.Context(), m, hsm.InitTarget{}, "officer-1")
	wantError(t, err, hsm.ErrExists, uri.Serial)
}

// So it is for the security officer.
func TestAWrongOfficerPINSaysWhatIsLeft(t *testing.T) {
	g := softHSMTarget(t, hsm.Ed25519)
	again := hsm.InitTarget{EraseSerial: g.uri.Serial}
	_, err := hsm.InitToken(t.Context(), g.module, again, "new", []byte("wrong"), []byte(g.pin))
	wantError(t, err, hsm.ErrPINIncorrect, "C_InitToken: wrong PIN; the token counts the tries (count-low)")
	_, err = hsm.ImportWrappingKey(t.Context(), g.module, g.uri, "backup", []byte("wrong"), components())
	wantError(t, err, hsm.ErrPINIncorrect, "C_Login: wrong PIN; the token counts the tries (count-low)")
	_, err = hsm.ImportWrappingKey(t.Context(), g.module, g.uri, "backup", []byte("1\x00234"), components())
	wantError(t, err, hsm.ErrPINInvalid, "security officer PIN has a control character")

	plain := g.module
	g.module = behindProxy(t, plain, "C_GetTokenInfo 3 after flags=0x400000", os.DevNull)
	_, err = hsm.InitToken(t.Context(), g.module, again, "new", []byte("wrong"), []byte(g.pin))
	wantError(t, err, hsm.ErrPINIncorrect, "is locked now")
	wantHint(t, err, "nobody can unlock")
}
