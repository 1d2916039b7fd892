// Logging in as the token says: none where it wants none, and never with a PIN
// that cannot be right. PKCS#11 v3.0 §3.2, §5.6.

package hsm

import (
	"unsafe"

	"github.com/miekg/pkcs11"
)

// loginArgs says whether the last PIN try may be spent.
type loginArgs struct {
	FinalTry bool `json:"finalTry"`
}

// login logs the user in. The flags are read first, because a wrong PIN costs a
// try, and on the last one the token.
func (t *openToken) login(args loginArgs, pin []byte) (TokenInfo, error) {
	if t.loggedIn {
		return TokenInfo{}, faultf(ErrUsage, "logged in already: the token would not look at the PIN")
	}
	if err := t.checkLogin(args.FinalTry, pin); err != nil {
		return TokenInfo{}, err
	}
	if err := t.raw.Login(t.session, pkcs11.CKU_USER, asString(pin)); err != nil {
		return TokenInfo{}, user.refused(failed("C_Login", err), t.readInfo)
	}
	t.loggedIn = true
	return t.info, nil
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
