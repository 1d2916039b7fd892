// One error type for everything that can go wrong with a module or a token:
// people see which token, which call and what the token answered; code asks
// errors.Is for the few answers that it treats apart.

package hsm

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/pkcs11"
)

// Error is a failure of a module, a token or a PIN. Whatever this package does with
// one of them fails with an *Error.
type Error struct {
	Module string // name of the module, as in site.yaml
	Token  string // label or serial of the token, "" before one was chosen
	Call   string // the PKCS#11 function, "" when none was called
	CKR    string // the token's answer, such as "CKR_PIN_LOCKED (0xA4)"
	Err    error  // what happened
	Hint   string // what a person can do, "" when nothing sensible is known
}

// Error says where, what and what the token answered.
func (e *Error) Error() string {
	where := "hsm"
	if e.Module != "" {
		where = "module " + e.Module
	}
	if e.Token != "" {
		where += ", token " + e.Token
	}
	parts := []string{where}
	if e.Call != "" {
		parts = append(parts, e.Call)
	}
	parts = append(parts, e.Err.Error())
	if e.CKR != "" {
		parts = append(parts, "answer "+e.CKR)
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns what happened.
func (e *Error) Unwrap() error { return e.Err }

// noting returns the error with what did happen before it, for a step that
// cannot be undone.
func (e *Error) noting(format string, args ...any) *Error {
	noted := *e
	noted.Err = fmt.Errorf("%w; %s", e.Err, fmt.Sprintf(format, args...))
	return &noted
}

// What can happen, for errors.Is.
var (
	ErrModule        = errors.New("module cannot be used")
	ErrStart         = errors.New("module did not start")
	ErrTokenNotFound = errors.New("no such token")
	ErrTokenRemoved  = errors.New("token was removed")
	ErrAmbiguous     = errors.New("more than one match")
	ErrBusy          = errors.New("token is in use by another process")
	ErrTimeout       = errors.New("no answer in time")
	ErrCrashed       = errors.New("module crashed")
	ErrCanceled      = errors.New("interrupted")
	ErrClosed        = errors.New("token is closed")
	ErrPINIncorrect  = errors.New("wrong PIN")
	ErrPINLocked     = errors.New("PIN is locked")
	ErrPINFinalTry   = errors.New("one PIN try is left")
	ErrPINInvalid    = errors.New("PIN is not acceptable")
	ErrPINSource     = errors.New("PIN cannot be read")
	ErrNotLoggedIn   = errors.New("not logged in")
	ErrKeyNotFound   = errors.New("key not found")
	ErrExists        = errors.New("already exists")
	ErrUnsupported   = errors.New("not supported by the token")
	ErrSignature     = errors.New("signature of the token does not verify")
	ErrEvidence      = errors.New("key does not have the attributes asked for")
	ErrProof         = errors.New("proof of possession does not verify")
	ErrAttestation   = errors.New("attestation does not verify")
	ErrLedger        = errors.New("the token's ledger is not as it should be")
	ErrSpent         = errors.New("helper has to be started anew")
	ErrFailed        = errors.New("token reported a failure")
	ErrReadOnly      = errors.New("token is write-protected")
	ErrUsage         = errors.New("cannot be done")
)

// kinds are the sentinels in a fixed order: the place in it is how an error's
// kind crosses the channel from the helper.
var kinds = []error{
	ErrFailed, ErrModule, ErrTokenNotFound, ErrTokenRemoved, ErrAmbiguous, ErrPINIncorrect, ErrPINLocked,
	ErrPINFinalTry, ErrPINInvalid, ErrNotLoggedIn, ErrKeyNotFound, ErrExists, ErrUnsupported, ErrEvidence, ErrUsage, ErrBusy,
	ErrSpent, ErrLedger, ErrReadOnly, ErrStart,
}

// ckrKinds says what an answer of the token means. PKCS#11 v3.0 §5.1.
var ckrKinds = map[pkcs11.Error]error{
	pkcs11.CKR_PIN_INCORRECT:                  ErrPINIncorrect,
	pkcs11.CKR_PIN_INVALID:                    ErrPINInvalid,
	pkcs11.CKR_PIN_LEN_RANGE:                  ErrPINInvalid,
	pkcs11.CKR_PIN_EXPIRED:                    ErrPINInvalid,
	pkcs11.CKR_PIN_TOO_WEAK:                   ErrPINInvalid,
	pkcs11.CKR_PIN_LOCKED:                     ErrPINLocked,
	pkcs11.CKR_DEVICE_REMOVED:                 ErrTokenRemoved,
	pkcs11.CKR_TOKEN_NOT_PRESENT:              ErrTokenRemoved,
	pkcs11.CKR_TOKEN_NOT_RECOGNIZED:           ErrTokenRemoved,
	pkcs11.CKR_SLOT_ID_INVALID:                ErrTokenRemoved,
	pkcs11.CKR_USER_NOT_LOGGED_IN:             ErrNotLoggedIn,
	pkcs11.CKR_USER_PIN_NOT_INITIALIZED:       ErrPINInvalid,
	pkcs11.CKR_SESSION_HANDLE_INVALID:         ErrTokenRemoved,
	pkcs11.CKR_SESSION_CLOSED:                 ErrTokenRemoved,
	pkcs11.CKR_TOKEN_WRITE_PROTECTED:          ErrReadOnly,
	pkcs11.CKR_SESSION_READ_ONLY:              ErrReadOnly,
	pkcs11.CKR_MECHANISM_INVALID:              ErrUnsupported,
	pkcs11.CKR_MECHANISM_PARAM_INVALID:        ErrUnsupported,
	pkcs11.CKR_FUNCTION_NOT_SUPPORTED:         ErrUnsupported,
	pkcs11.CKR_CURVE_NOT_SUPPORTED:            ErrUnsupported,
	pkcs11.CKR_KEY_UNEXTRACTABLE:              ErrUnsupported,
	pkcs11.CKR_KEY_NOT_WRAPPABLE:              ErrUnsupported,
	pkcs11.CKR_WRAPPING_KEY_TYPE_INCONSISTENT: ErrUnsupported,
	pkcs11.CKR_ATTRIBUTE_TYPE_INVALID:         ErrUnsupported,
	pkcs11.CKR_TEMPLATE_INCONSISTENT:          ErrUnsupported,
	pkcs11.CKR_ATTRIBUTE_VALUE_INVALID:        ErrUnsupported,
}

// moreNames are answers that the binding has no name for.
var moreNames = map[pkcs11.Error]string{
	pkcs11.CKR_CURVE_NOT_SUPPORTED:     "CKR_CURVE_NOT_SUPPORTED",
	pkcs11.CKR_PIN_TOO_WEAK:            "CKR_PIN_TOO_WEAK",
	pkcs11.CKR_ACTION_PROHIBITED:       "CKR_ACTION_PROHIBITED",
	pkcs11.CKR_FIPS_SELF_TEST_FAILED:   "CKR_FIPS_SELF_TEST_FAILED",
	pkcs11.CKR_LIBRARY_LOAD_FAILED:     "CKR_LIBRARY_LOAD_FAILED",
	pkcs11.CKR_PUBLIC_KEY_INVALID:      "CKR_PUBLIC_KEY_INVALID",
	pkcs11.CKR_EXCEEDED_MAX_ITERATIONS: "CKR_EXCEEDED_MAX_ITERATIONS",
}

// ckrName spells an answer of the token, such as "CKR_PIN_LOCKED (0xA4)".
func ckrName(ckr pkcs11.Error) string {
	text := ckr.Error() // "pkcs11: 0xA4: CKR_PIN_LOCKED"
	name := text[strings.LastIndex(text, " ")+1:]
	if name == "" {
		name = cmp.Or(moreNames[ckr], "not known here")
	}
	if ckr >= pkcs11.CKR_VENDOR_DEFINED {
		name = "vendor-defined"
	}
	return fmt.Sprintf("%s (0x%X)", name, uint(ckr))
}

// fault is an error inside the helper, before it crosses the channel.
type fault struct {
	call string
	ckr  pkcs11.Error
	kind error
	text string
	hint string // "" for that of the answer, or of the kind
}

func (f *fault) Error() string {
	if f.call == "" {
		return f.text
	}
	return strings.TrimRight(f.call+": "+ckrName(f.ckr)+"; "+f.text, "; ")
}

// faultf reports a failure that is not an answer of the token.
func faultf(kind error, format string, args ...any) *fault {
	return &fault{kind: kind, text: fmt.Sprintf(format, args...)}
}

// failed names the PKCS#11 call that returned err. It returns nil for nil.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	var refused *fault
	if errors.As(err, &refused) {
		return err // before the token was asked: see lifetime
	}
	var ckr pkcs11.Error
	if !errors.As(err, &ckr) {
		return &fault{call: call, kind: ErrFailed, text: err.Error()}
	}
	kind, ok := ckrKinds[ckr]
	if !ok {
		kind = ErrFailed
	}
	return &fault{call: call, ckr: ckr, kind: kind}
}

// withText adds what did happen before a call failed.
func withText(err error, text string) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	noted := *f
	noted.text = text
	return &noted
}

// adding is withText that keeps what the error says already.
func adding(err error, text string) error {
	var f *fault
	if errors.As(err, &f) && f.text != "" {
		text = f.text + "; " + text
	}
	return withText(err, text)
}

// withHint says what a person can do, where more is known than the answer tells.
func withHint(err error, hint string) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	hinted := *f
	hinted.hint = hint
	return &hinted
}

// isKind reports whether a fault is of a kind.
func isKind(err, kind error) bool {
	var f *fault
	return errors.As(err, &f) && f.kind == kind
}

// detailed is a sentinel with what was found and what was wanted.
type detailed struct {
	kind error
	text string
}

func (d *detailed) Error() string {
	if d.text == "" {
		return d.kind.Error()
	}
	return d.kind.Error() + "; " + d.text
}

func (d *detailed) Unwrap() error { return d.kind }

// newError makes the error of a module and a token that people see.
func newError(module, token string, kind error, format string, args ...any) *Error {
	return &Error{Module: module, Token: token, Err: &detailed{kind, fmt.Sprintf(format, args...)}, Hint: hints[kind]}
}
