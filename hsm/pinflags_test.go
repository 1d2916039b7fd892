package hsm_test

import (
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// withFlags is a token that shows more CK_TOKEN_INFO flags than it has.
func withFlags(t *testing.T, flags string) target {
	return habitual(t, hsm.Ed25519, "flags-set "+flags)
}

func TestLoginReadsThePINFlagsFirst(t *testing.T) {
	for _, test := range []struct {
		name, flags string
		state       hsm.PINState
		want        error
	}{
		{"count low", "0x10000", hsm.PINCountLow, nil},
		{"final try", "0x20000", hsm.PINFinalTry, hsm.ErrPINFinalTry},
		{"locked", "0x40000", hsm.PINLocked, hsm.ErrPINLocked},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := withFlags(t, test.flags)
			token, err := hsm.Open(t.Context(), g.module, g.uri)
			if err != nil {
				t.Fatal(err)
			}
			defer token.Close()
			if got := token.Info().UserPIN; got != test.state {
				t.Errorf("got %s, want %s", got, test.state)
			}
			err = token.Login(t.Context(), []byte(g.pin))
			if test.want == nil && err != nil {
				t.Error(err)
			} else if test.want != nil {
				wantError(t, err, test.want, "officer-1")
			}
			if test.want == hsm.ErrPINFinalTry {
				if err := token.LoginFinalTry(t.Context(), []byte(g.pin)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestLoginOnAPINPadPassesNoPIN(t *testing.T) {
	g := withFlags(t, "0x100")
	token, err := hsm.Open(t.Context(), g.module, g.uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	if !token.Info().ProtectedPath {
		t.Error("not seen as a token with a PIN pad")
	}
	// SoftHSM has no pad and refuses the null pointer that it was given.
	wantError(t, token.Login(t.Context(), nil), hsm.ErrFailed, "C_Login: token reported a failure: answer CKR_ARGUMENTS_BAD (0x7)")
}

func TestInitTokenSparesTheLastTryOfTheOfficer(t *testing.T) {
	for flags, want := range map[string]error{"0x200000": hsm.ErrPINFinalTry, "0x400000": hsm.ErrPINLocked} {
		g := withFlags(t, flags)
		_, err := hsm.InitToken(t.Context(), g.module, hsm.InitTarget{EraseSerial: g.uri.Serial}, "new", []byte(hsmtest.SOPIN), []byte(g.pin))
		wantError(t, err, want, "security officer PIN")
		_, err = hsm.ImportWrappingKey(t.Context(), g.module, g.uri, "backup", []byte(hsmtest.SOPIN), components())
		wantError(t, err, want, "security officer PIN")
	}
}
