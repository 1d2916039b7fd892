// The helper's view of an open token: one session, one login, and the keys that
// were found so far.

package hsm

import (
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

	mechanisms map[uint]bool                  // what the token offers, nil until asked
	searches   map[search]bool                // those that have found something
	pairs      map[string]wireKey             // by SubjectPublicKeyInfo: those that a search has found
	names      names                          // nil before they are read
	ledger     map[pkcs11.ObjectHandle]string // labels of the ledger's objects that were read, nil before a look
}

// open finds the one token that uri names and opens a session with it.
func (h *helper) open(uri URI, _ []byte) (TokenInfo, error) {
	if h.token != nil {
		return TokenInfo{}, faultf(ErrUsage, "helper: a token is open already")
	}
	listing, err := h.tokens(none{}, nil)
	if err != nil {
		return TokenInfo{}, err
	}
	if h.token, err = h.choose(listing, uri); err != nil {
		return TokenInfo{}, err
	}
	return h.token.info, nil
}

// choose opens a session with the one token of a listing that uri names.
func (h *helper) choose(listing wireListing, uri URI) (*openToken, error) {
	chosen, err := listing.match(uri)
	if err != nil {
		return nil, err
	}
	if !chosen.Initialized {
		return nil, faultf(ErrTokenNotFound, "token in slot %d is not initialised", chosen.Slot)
	}
	t := &openToken{raw: h.module, slot: chosen.Slot, info: chosen, searches: map[search]bool{}, pairs: map[string]wireKey{}}
	if t.session, err = t.openSession(); err != nil {
		return nil, err
	}
	t.info.WriteProtected = chosen.WriteProtected || t.raw.readOnly
	return t, nil
}

// openSession opens a session that reads and writes, or where the token refuses that,
// as cards and slots with a write switch do, one that reads.
func (t *openToken) openSession() (pkcs11.SessionHandle, error) {
	session, err := t.raw.OpenSession(t.slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if isKind(failed("C_OpenSession", err), ErrReadOnly) {
		t.raw.readOnly = true
		session, err = t.raw.OpenSession(t.slot, pkcs11.CKF_SERIAL_SESSION)
	}
	return session, failed("C_OpenSession", err)
}

// freshSession takes another session, with the login and without what is under way
// in the one before.
func (t *openToken) freshSession() error {
	session, err := t.openSession()
	if err != nil {
		return err
	}
	err = failed("C_CloseSession", t.raw.CloseSession(t.session))
	t.session = session
	return err
}

// readInfo reads what the token says about itself now.
func (t *openToken) readInfo() (TokenInfo, error) {
	info, err := t.raw.GetTokenInfo(t.slot)
	now := newTokenInfo(t.slot, info)
	now.Library = t.info.Library
	return now, failed("C_GetTokenInfo", err)
}

// refresh is readInfo that makes sure that the slot still holds the token that was
// chosen.
func (t *openToken) refresh() error {
	now, err := t.readInfo()
	if err != nil {
		return err
	}
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
