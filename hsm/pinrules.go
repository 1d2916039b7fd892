// PINs that cannot be right are refused before the token sees them, because it
// would count a try; and what it says about the tries after a wrong one.

package hsm

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/miekg/pkcs11"
)

// byteOrderMark is what some editors put before a text, unseen.
const byteOrderMark = "\ufeff"

// checkPIN refuses a PIN that this token cannot have. The error says nothing of the PIN but its length.
func (t TokenInfo) checkPIN(whose holder, pin []byte) error {
	bad := func(format string, args ...any) error {
		return withHint(faultf(ErrPINInvalid, whose.name+" "+format+"; the token was not asked, no try is spent", args...),
			"type it anew, or write its file anew: one line of plain text")
	}
	switch n := uint(len(pin)); {
	case n == 0 && t.ProtectedPath:
		return nil
	case n == 0:
		return bad("is empty, and the token has no PIN pad")
	case bytes.HasPrefix(pin, []byte(byteOrderMark)):
		return bad("begins with a byte order mark, which an editor has put there")
	case !utf8.Valid(pin):
		return bad("is not valid UTF-8")
	case bytes.ContainsFunc(pin, unicode.IsControl):
		return bad("has a control character")
	case n < t.MinPIN, t.MaxPIN > 0 && n > t.MaxPIN:
		return withHint(bad("has a length that the token does not take; got %d bytes, want %s", n, t.PINLength("byte")),
			"check which token this is, and which PIN")
	}
	return nil
}

// checkSOPIN is checkPIN for the security officer, whose last try is never spent. A
// token that was never set up may show a locked PIN (SoftHSM does).
func (t TokenInfo) checkSOPIN(pin []byte) error {
	if t.Initialized && t.SOPIN == PINLocked {
		return withHint(faultf(ErrPINLocked, "%s", officer.name), officer.locked)
	}
	if t.Initialized && t.SOPIN == PINFinalTry {
		return withHint(faultf(ErrPINFinalTry, "%s", officer.name),
			"a wrong PIN now locks it for good, and keyrite does not try; the token's own tool does")
	}
	return t.checkPIN(officer, pin)
}

// PINLength says how long a PIN of the token is, as in "4 to 8 characters" for the
// unit "character"; "" when the token does not say.
func (t TokenInfo) PINLength(unit string) string {
	switch {
	case t.MaxPIN > 0 && t.MinPIN == t.MaxPIN:
		return fmt.Sprintf("%d %ss", t.MinPIN, unit)
	case t.MaxPIN > 0 && t.MinPIN > 0:
		return fmt.Sprintf("%d to %d %ss", t.MinPIN, t.MaxPIN, unit)
	case t.MaxPIN > 0:
		return fmt.Sprintf("at most %d %ss", t.MaxPIN, unit)
	case t.MinPIN > 0:
		return fmt.Sprintf("at least %d %ss", t.MinPIN, unit)
	}
	return ""
}

// pinLengths returns ulMinPinLen and ulMaxPinLen in bytes; 0 stands for none, and
// for what cannot be meant. PKCS#11 v3.0 §3.2.
func pinLengths(least, most uint) (uint, uint) {
	known := func(n uint) uint {
		if n == pkcs11.CK_UNAVAILABLE_INFORMATION || n > maxPINBytes {
			return 0
		}
		return n
	}
	if least, most = known(least), known(most); most > 0 && least > most {
		return 0, 0
	}
	return least, most
}

// holder is whose PIN it is.
type holder struct {
	name   string
	state  func(TokenInfo) PINState
	locked string // what a person can do when it is locked
}

var (
	user    = holder{"user PIN", func(t TokenInfo) PINState { return t.UserPIN }, hints[ErrPINLocked]}
	officer = holder{"security officer PIN", func(t TokenInfo) PINState { return t.SOPIN },
		"nobody can unlock a security officer's PIN; the vendor's tool can reset most tokens, which destroys their keys"}
)

// refused adds to a wrong PIN what the token says of the tries that are left.
func (h holder) refused(err error, read func() (TokenInfo, error)) error {
	if !isKind(err, ErrPINIncorrect) {
		return err
	}
	info, readErr := read()
	if readErr != nil {
		return err // the answer to the PIN is the one to report
	}
	switch h.state(info) {
	case PINCountLow:
		return withText(err, "the token counts the tries (count-low)")
	case PINFinalTry:
		return withHint(withText(err, "one try is left (final-try)"), hints[ErrPINFinalTry])
	case PINLocked:
		return withHint(withText(err, "that was the last try, the PIN is locked now"), h.locked)
	}
	return err
}
