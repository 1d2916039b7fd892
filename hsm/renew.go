// A fresh helper for an open token, within one operation of its user.

package hsm

import (
	"context"
	"errors"
	"slices"
	"time"
)

// accepted is a PIN that the token took, kept until the token is closed: a
// fresh helper of the same operation logs in with it.
type accepted struct {
	pin      []byte // nil where it is typed on the token
	loggedIn bool
}

// keep takes a copy of a PIN that was just accepted.
func (a *accepted) keep(pin []byte) {
	a.forget()
	a.pin, a.loggedIn = slices.Clone(pin), true
}

// forget wipes the PIN.
func (a *accepted) forget() {
	Wipe(a.pin)
	a.pin, a.loggedIn = nil, false
}

// Renew ends the token's helper, starts another and logs in with the PIN that
// the token accepted before; the token stays locked against other keyrite
// processes. A module sees in it what others have changed, and may make objects
// again. The PIN is tried once: refused, it is forgotten and the token has to be
// opened again. Where PINs are typed on the token, a person types it again.
//
// Keys found before are of the helper that has ended: they answer ErrClosed.
// No other call of this token may be under way.
func (t *Token) Renew(ctx context.Context) error {
	if !t.accepted.loggedIn {
		return t.process.errorf(ErrNotLoggedIn, "a fresh helper has no PIN to log in with")
	}
	t.process.close()
	p, info, err := openProcess(ctx, t.process.module, t.info.URI())
	if err != nil {
		return err
	}
	if !sameToken(info, t.info) {
		p.close()
		return p.errorf(ErrTokenRemoved, "another token is in its place; got %s, want %s", info, t.info)
	}
	t.process, t.ledger = p, nil
	pin := t.accepted.pin
	defer Wipe(pin)
	t.accepted = accepted{}
	return t.login(ctx, pin, loginArgs{})
}

// afresh does a call that makes or destroys objects. A helper that may not do it
// any more says ErrSpent before it asks the token; then a fresh one does it.
func afresh[R any](ctx context.Context, t *Token, timeout time.Duration, op string, args any, body []byte) (R, error) {
	result, err := call[R](ctx, t.process, timeout, op, args, body)
	if !errors.Is(err, ErrSpent) {
		return result, err
	}
	if err := t.Renew(ctx); err != nil {
		return result, err
	}
	return call[R](ctx, t.process, timeout, op, args, body)
}
