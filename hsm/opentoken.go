// The helper's view of an open token: one session, one login, and the keys that
// were found so far.

package hsm

import (
	"slices"
	"unsafe"

	"github.com/miekg/pkcs11"
)

// openToken is a token with a session.
type openToken struct {
	raw      *lifetime
	session  pkcs11.SessionHandle
	slot     uint
	info     TokenInfo
	loggedIn bool
	keys     []*tokenKey // a key's place in it is how keyrite names it

	mechanisms map[uint]bool // what the token offers, nil until asked
}

// open finds the one token that uri names and opens a session with it.
func (h *helper) open(uri URI, _ []byte) (TokenInfo, error) {
	if h.token != nil {
		return TokenInfo{}, faultf(ErrUsage, "helper: a token is open already")
	}
	tokens, err := h.tokens(none{}, nil)
	if err != nil {
		return TokenInfo{}, err
	}
	chosen, err := matchToken(tokens, uri)
	if err != nil {
		return TokenInfo{}, err
	}
	if !chosen.Initialized {
		return TokenInfo{}, faultf(ErrTokenNotFound, "token in slot %d is not initialised", chosen.Slot)
	}
	session, err := h.module.OpenSession(chosen.Slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return TokenInfo{}, failed("C_OpenSession", err)
	}
	h.token = &openToken{raw: h.module, session: session, slot: chosen.Slot, info: chosen}
	return chosen, nil
}

// refresh reads what the token says about itself now, and makes sure that the
// slot still holds the token that was chosen.
func (t *openToken) refresh() error {
	info, err := t.raw.GetTokenInfo(t.slot)
	if err != nil {
		return failed("C_GetTokenInfo", err)
	}
	now := newTokenInfo(t.slot, info)
	now.Library = t.info.Library
	if !sameToken(now, t.info) {
		return faultf(ErrTokenRemoved, "another token is in its place; got %s, want %s", now, t.info)
	}
	t.info = now
	return nil
}

// close logs out and ends the session. The process ends after it, so that errors
// of a token that is gone help nobody.
func (t *openToken) close() {
	if t.loggedIn {
		_ = t.raw.Logout(t.session)
	}
	_ = t.raw.CloseSession(t.session)
}

// loginArgs says whether the last PIN try may be spent.
type loginArgs struct {
	FinalTry bool `json:"finalTry"`
}

// login logs the user in. The flags are read first, because a wrong PIN costs a
// try, and on the last one the token. PKCS#11 v3.0 §3.2, §5.6.
func (t *openToken) login(args loginArgs, pin []byte) (TokenInfo, error) {
	if err := t.refresh(); err != nil {
		return TokenInfo{}, err
	}
	switch {
	case t.loggedIn:
		return TokenInfo{}, faultf(ErrUsage, "logged in already: the token would not look at the PIN")
	case t.info.UserPIN == PINLocked:
		return TokenInfo{}, faultf(ErrPINLocked, "")
	case t.info.UserPIN == PINFinalTry && !args.FinalTry:
		return TokenInfo{}, faultf(ErrPINFinalTry, "")
	case !t.info.UserPINSet && t.info.LoginRequired:
		return TokenInfo{}, faultf(ErrPINInvalid, "the token has no user PIN yet")
	case len(pin) == 0 && !t.info.ProtectedPath:
		return TokenInfo{}, faultf(ErrPINInvalid, "the PIN is empty, and the token has no PIN pad")
	}
	if err := t.raw.Login(t.session, pkcs11.CKU_USER, asString(pin)); err != nil {
		return TokenInfo{}, failed("C_Login", err)
	}
	t.loggedIn = true
	return t.info, nil
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

// objects finds every object that has the attributes.
func (t *openToken) objects(template ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := t.raw.FindObjectsInit(t.session, template); err != nil {
		return nil, failed("C_FindObjectsInit", err)
	}
	var found []pkcs11.ObjectHandle
	for {
		some, _, err := t.raw.FindObjects(t.session, 64)
		if err != nil {
			_ = t.raw.FindObjectsFinal(t.session) // the first error is the one to report
			return nil, failed("C_FindObjects", err)
		}
		if len(some) == 0 {
			break
		}
		found = append(found, some...)
	}
	if err := t.raw.FindObjectsFinal(t.session); err != nil {
		return nil, failed("C_FindObjectsFinal", err)
	}
	slices.Sort(found)
	if len(found) == 0 {
		// SoftHSM finds nothing, without an error, on a token that is gone.
		return nil, t.refresh()
	}
	return found, nil
}
