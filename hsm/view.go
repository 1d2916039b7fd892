// Looking at tokens without a login: one helper shows all those of a module.

package hsm

import (
	"context"
	"errors"
	"slices"
)

// Viewer looks at tokens without logging in. It keeps one helper for each module, which
// reads the slots once: on some modules to start is to read every token there is. A helper
// of which a call failed is ended, and the next look has another.
type Viewer struct{ helpers map[string]*process }

// View returns what the one token of m that uri names tells of itself, and what it can do.
// Like Open it waits for a token that another keyrite holds; see Patient. When no token or
// more than one matches, the error lists those there were at the first look.
func (v *Viewer) View(ctx context.Context, m Module, uri URI) (TokenInfo, Capabilities, error) {
	p, err := v.helper(ctx, m, uri.String())
	if err != nil {
		return TokenInfo{}, Capabilities{}, err
	}
	seen, err := call[viewed](ctx, p, m.timeout(), "view", uri, nil)
	if errors.Is(err, ErrTokenNotFound) {
		return TokenInfo{}, Capabilities{}, m.explain(err)
	}
	if err != nil {
		p.close()
		delete(v.helpers, m.Name)
		return TokenInfo{}, Capabilities{}, err
	}
	seen.Info.Module = m.Name
	slices.Sort(seen.Can.Mechanisms)
	lock, err := waitForToken(ctx, seen.Info, m.Path)
	if err != nil {
		return TokenInfo{}, Capabilities{}, newWireFault(err).error(m.Name, seen.Info.String())
	}
	return seen.Info, seen.Can, lock.release()
}

// helper is the one of a module; its errors name token from now on.
func (v *Viewer) helper(ctx context.Context, m Module, token string) (*process, error) {
	if p := v.helpers[m.Name]; p != nil {
		p.token = token
		return p, nil
	}
	p, err := startProcess(ctx, m, token)
	if err != nil {
		return nil, err
	}
	if v.helpers == nil {
		v.helpers = map[string]*process{}
	}
	v.helpers[m.Name] = p
	return p, nil
}

// Close ends the helpers.
func (v *Viewer) Close() {
	for name, p := range v.helpers {
		p.close()
		delete(v.helpers, name)
	}
}

// viewed is a token on its way to keyrite.
type viewed struct {
	Info TokenInfo    `json:"info"`
	Can  Capabilities `json:"can"`
}

// view opens a session with the one token that uri names, looks, and closes it.
func (h *helper) view(uri URI, _ []byte) (viewed, error) {
	if h.shown == nil {
		listing, err := h.tokens(none{}, nil)
		if err != nil {
			return viewed{}, err
		}
		h.shown = &listing
	}
	t, err := h.choose(*h.shown, uri)
	if err != nil {
		return viewed{}, err
	}
	seen, err := t.look()
	h.module.readOnly = false // another token may be written to
	if closed := failed("C_CloseSession", h.module.CloseSession(t.session)); err == nil {
		err = closed
	}
	return seen, err
}

// look reads what the token, which is still the one that was chosen, says now.
func (t *openToken) look() (seen viewed, err error) {
	if err = t.refresh(); err != nil {
		return seen, err
	}
	seen.Info = t.info
	seen.Info.WriteProtected = t.info.WriteProtected || t.raw.readOnly
	seen.Can, err = t.capabilities(none{}, nil)
	return seen, err
}
