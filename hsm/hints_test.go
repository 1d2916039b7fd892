package hsm

import (
	"testing"

	"github.com/miekg/pkcs11"
)

// TestHintsOfAnswers holds what people are told to do about an answer that says more than
// its kind, and about a kind whose answers say no more.
func TestHintsOfAnswers(t *testing.T) {
	for _, tt := range []struct {
		ckr  uint
		kind error
		want string
	}{
		{pkcs11.CKR_PIN_EXPIRED, ErrFailed, "the token wants a new PIN before it lets anybody in; set one with its own tool"},
		{pkcs11.CKR_PIN_LEN_RANGE, ErrPINInvalid, "the PIN is shorter or longer than the token takes; its manual says how long one is"},
		{pkcs11.CKR_PIN_TOO_WEAK, ErrPINInvalid, "the token finds the PIN too easy to guess; choose another"},
		{pkcs11.CKR_USER_TYPE_INVALID, ErrFailed, "the token has no such user, or does not let this one in through PKCS#11; its manual says which roles it has"},
		{pkcs11.CKR_USER_ANOTHER_ALREADY_LOGGED_IN, ErrBusy, "somebody else is logged in to the token; end the other program"},
		{pkcs11.CKR_HOST_MEMORY, ErrFailed, "the module got no more memory from this machine"},
		{0, ErrPINInvalid, "the token's manual says which lengths and characters it takes"},
		{0, ErrAmbiguous, "add serial=… to the pkcs11: URI in site.yaml"},
		{0, ErrBusy, "let the other keyrite finish, or end it"},
	} {
		if got := (&wireFault{CKR: tt.ckr}).hint(tt.kind); got != tt.want {
			t.Errorf("%s, %v: got %q, want %q", ckrName(pkcs11.Error(tt.ckr)), tt.kind, got, tt.want)
		}
	}
	for kind, hint := range hints {
		if hint == "" {
			t.Errorf("%v has no hint", kind)
		}
	}
}

// TestHintsOfPINs holds what people are told about a PIN that no token is asked about.
func TestHintsOfPINs(t *testing.T) {
	info := TokenInfo{Initialized: true, MinPIN: 4, MaxPIN: 8}
	for pin, want := range map[string]string{
		"":               "type it anew, or write its file anew: one line of plain text",
		"\ufeff1234":     "type it anew, or write its file anew: one line of plain text",
		"12\n34":         "type it anew, or write its file anew: one line of plain text",
		"\xff\xff\xff99": "type it anew, or write its file anew: one line of plain text",
		"123":            "check which token this is, and which PIN",
		"123456789":      "check which token this is, and which PIN",
	} {
		err := info.checkPIN(user, []byte(pin))
		if f, is := err.(*fault); !is || f.hint != want {
			t.Errorf("%q: got %v, want the hint %q", pin, err, want)
		}
	}
	if err := info.checkPIN(user, []byte("1234")); err != nil {
		t.Error(err)
	}
}
