// Waiting for a person to insert a token. It polls with a fresh helper each
// time: C_WaitForSlotEvent is optional (PKCS#11 v3.0 §5.5.9), many modules do not
// have it, and others see a new token only when they are initialised again.

package hsm

import (
	"context"
	"errors"
	"slices"
	"time"
)

// waitInterval is how often WaitForToken looks.
const waitInterval = time.Second

// WaitForToken waits until exactly one token of m matches uri. It calls waiting
// with what is there, once before the first wait and again whenever that changes,
// so that the caller can say which token to insert, and which slot has one that
// cannot be read. It gives up on a module that cannot be used, on two tokens that
// match, and when ctx ends.
func WaitForToken(ctx context.Context, m Module, uri URI, waiting func(present Listing)) (TokenInfo, error) {
	ticker := time.NewTicker(waitInterval)
	defer ticker.Stop()
	var shown Listing
	for first := true; ; first = false {
		present, err := Tokens(ctx, m)
		if err != nil {
			return TokenInfo{}, err
		}
		found, err := wireListing{Tokens: present.Tokens}.match(uri)
		if err == nil {
			return found, nil
		}
		if missing := newWireFault(err).error(m.Name, uri.String()); !errors.Is(missing, ErrTokenNotFound) {
			return TokenInfo{}, missing
		}
		if first || !shown.same(present) {
			shown = present
			waiting(present)
		}
		select {
		case <-ctx.Done():
			return TokenInfo{}, newError(m.Name, uri.String(), ErrCanceled, "while waiting for the token")
		case <-ticker.C:
		}
	}
}

// same reports whether two listings show people the same.
func (l Listing) same(other Listing) bool {
	return slices.Equal(l.Tokens, other.Tokens) && slices.EqualFunc(l.Faults, other.Faults, func(a, b SlotFault) bool {
		return a.Slot == b.Slot && a.Err.Error() == b.Err.Error()
	})
}
