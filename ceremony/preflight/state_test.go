package preflight

import (
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestStateOf(t *testing.T) {
	for want, info := range map[string]hsm.TokenInfo{
		"user PIN ok": {LoginRequired: true, UserPINSet: true, UserPIN: hsm.PINOK},
		"user PIN ok, and the token does not show that one was set": {LoginRequired: true, UserPIN: hsm.PINOK},
		"wants no PIN": {UserPIN: hsm.PINOK},
		"user PIN final-try; write-protected: it may neither make nor destroy keys": {LoginRequired: true, UserPINSet: true, UserPIN: hsm.PINFinalTry, WriteProtected: true},
	} {
		if got := stateOf(info); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
