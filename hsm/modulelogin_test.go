//go:build modules

package hsm_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

// login is had once, by a PIN that the token looks at.
func (r *moduleRun) login(t *testing.T) {
	log := filepath.Join(t.TempDir(), "calls")
	token, err := hsm.Open(t.Context(), behindProxy(t, r.module, "", log), r.uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	_, err = token.Generate(t.Context(), r.spec(t, r.quirks.kind))
	wantError(t, err, hsm.ErrNotLoggedIn, r.uri.Token)
	cannotBe := []string{"", "\ufeff" + matrixPIN, matrixPIN + "\n"}
	if most := token.Info().MaxPIN; most > 0 {
		cannotBe = append(cannotBe, strings.Repeat("9", int(most)+1))
	}
	if least := token.Info().MinPIN; least > 1 {
		cannotBe = append(cannotBe, strings.Repeat("9", int(least)-1))
	}
	for _, pin := range cannotBe {
		wantError(t, token.Login(t.Context(), []byte(pin)), hsm.ErrPINInvalid, "the token was not asked")
	}
	if n := countCalls(t, log)["C_Login"]; n != 0 {
		t.Errorf("%d PINs reached the token that cannot be right", n)
	}
	if err := token.Login(t.Context(), []byte(matrixPIN)); err != nil || !token.PINChecked() {
		t.Fatalf("the token looked at the PIN: %v, %v", token.PINChecked(), err)
	}
	wantError(t, token.Login(t.Context(), []byte(matrixPIN)), hsm.ErrUsage, "logged in already")
	length := token.Info().PINLength("byte")
	if length == "" {
		length = "any"
	}
	r.fact("PIN", length)
}

// wrongPIN is refused, and the token says what is left.
func (r *moduleRun) wrongPIN(t *testing.T) {
	token, err := hsm.Open(t.Context(), r.module, r.uri)
	if err != nil {
		t.Fatal(err)
	}
	defer token.Close()
	says := "nothing"
	for range 2 {
		err := token.Login(t.Context(), []byte("00000000"))
		wantError(t, err, hsm.ErrPINIncorrect, "C_Login")
		for _, state := range []hsm.PINState{hsm.PINCountLow, hsm.PINFinalTry, hsm.PINLocked} {
			if strings.Contains(err.Error(), "("+string(state)+")") {
				says = string(state)
			}
		}
	}
	r.fact("after two wrong PINs it shows", says)
	err = token.Login(t.Context(), []byte(matrixPIN))
	if r.quirks.finalTry {
		wantError(t, err, hsm.ErrPINFinalTry, "one PIN try is left")
		err = token.LoginFinalTry(t.Context(), []byte(matrixPIN))
	}
	if err != nil {
		t.Error(err)
	}
}
