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
// with the tokens that are there, once before the first wait and again whenever
// they change, so that the caller can say which token to insert. It gives up on
// a module that cannot be used, on two tokens that match, and when ctx ends.
func WaitForToken(ctx context.Context, m Module, uri URI, waiting func(present []TokenInfo)) (TokenInfo, error) {
	ticker := time.NewTicker(waitInterval)
	defer ticker.Stop()
	var shown []TokenInfo
	for first := true; ; first = false {
		present, err := tokensNow(ctx, m)
		if err != nil {
			return TokenInfo{}, err
		}
		found, err := matchToken(present, uri)
		if err == nil {
			return found, nil
		}
		if missing := newWireFault(err).error(m.Name, uri.String()); !errors.Is(missing, ErrTokenNotFound) {
			return TokenInfo{}, missing
		}
		if first || !slices.Equal(shown, present) {
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

// tokensNow is Tokens while people move tokens about: one that leaves during the
// listing is no reason to stop.
func tokensNow(ctx context.Context, m Module) ([]TokenInfo, error) {
	tokens, err := Tokens(ctx, m)
	if errors.Is(err, ErrTokenRemoved) {
		return nil, nil
	}
	return tokens, err
}
