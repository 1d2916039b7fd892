// Logging in as the token says: none where it wants none, and never with a PIN
// that cannot be right. PKCS#11 v3.0 §3.2, §5.6.

package hsm

import (
	"errors"
	"unsafe"

	"github.com/miekg/pkcs11"
)

// loginArgs says whether the last PIN try may be spent.
type loginArgs struct {
	FinalTry bool `json:"finalTry"`
}

// login logs the user in, and says whether the token looked at the PIN. The flags
// are read first, because a wrong PIN costs a try, and on the last one the token.
func (t *openToken) login(args loginArgs, pin []byte) (checked bool, err error) {
	switch {
	case t.loggedIn:
		return false, faultf(ErrUsage, "logged in already: the token would not look at the PIN")
	case !t.info.LoginRequired:
		return false, nil
	}
	if err := t.checkLogin(args.FinalTry, pin); err != nil {
		return false, err
	}
	err = t.raw.Login(t.session, pkcs11.CKU_USER, asString(pin))
	if checked = !errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)); checked && err != nil {
		return false, user.refused(failed("C_Login", err), t.readInfo)
	}
	t.loggedIn = true
	return checked, nil
}

// checkLogin refuses a PIN before the token counts a try. That no user PIN was
// set is for the token to say: some do not show the flag.
func (t *openToken) checkLogin(finalTry bool, pin []byte) error {
	if err := t.refresh(); err != nil {
		return err
	}
	switch {
	case t.info.UserPIN == PINLocked:
		return faultf(ErrPINLocked, "")
	case t.info.UserPIN == PINFinalTry && !finalTry:
		return faultf(ErrPINFinalTry, "")
	}
	return t.info.checkPIN(user, pin)
}

// loginSO logs the security officer in.
func (t *openToken) loginSO(_ none, pin []byte) (none, error) {
	if err := t.raw.writing(); err != nil {
		return none{}, err // an officer only ever writes
	}
	if err := t.refresh(); err != nil {
		return none{}, err
	}
	if err := t.info.checkSOPIN(pin); err != nil {
		return none{}, err
	}
	if err := t.raw.Login(t.session, pkcs11.CKU_SO, asString(pin)); err != nil {
		return none{}, officer.refused(failed("C_Login", err), t.readInfo)
	}
	t.loggedIn = true
	return none{}, nil
}

// authenticate is the login for one signature, between C_SignInit and C_Sign, of a
// key with CKA_ALWAYS_AUTHENTICATE. PKCS#11 v3.0 §5.6.8, CKU_CONTEXT_SPECIFIC.
func (t *openToken) authenticate(pin []byte) error {
	err := t.raw.Login(t.session, pkcs11.CKU_CONTEXT_SPECIFIC, asString(pin))
	if err == nil {
		return nil
	}
	refused := user.refused(failed("C_Login", err), t.readInfo)
	if err := t.freshSession(); err != nil { // the old one waits for a signature still
		return err
	}
	return refused
}

// asString views a secret as a string without a copy that could not be wiped.
func asString(secret []byte) string {
	return unsafe.String(unsafe.SliceData(secret), len(secret))
}

// needLogin refuses what a token would answer with "no objects" instead of an
// error: private objects are invisible before login.
func (t *openToken) needLogin() error {
	if !t.loggedIn && t.info.LoginRequired {
		return faultf(ErrNotLoggedIn, "")
	}
	return nil
}
