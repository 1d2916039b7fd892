package custody

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Use opens a token of site.yaml in a helper of its own, logs in, lets act use it,
// and ends the helper: no token stays logged in for what comes later. Where the
// PIN is asked for, its custodian types it for this one act.
func Use(ctx context.Context, r room.Room, log room.Log, declared workspace.SiteToken, act func(*hsm.Token) error) (err error) {
	token, err := plugged(ctx, r, declared)
	if err != nil {
		return fmt.Errorf("token %s: %w", declared.Name, err)
	}
	defer func() { err = errors.Join(err, token.Close()) }()
	if err := login(ctx, r, log, declared, token); err != nil {
		return fmt.Errorf("token %s: %w", declared.Name, err)
	}
	return act(token)
}

// plugged opens a token. Where its PIN is asked for there are people, who are
// told to insert it when it is not there; tokens may come one after another.
func plugged(ctx context.Context, r room.Room, declared workspace.SiteToken) (*hsm.Token, error) {
	token, err := hsm.Open(ctx, declared.Module, declared.URI)
	if !errors.Is(err, hsm.ErrTokenNotFound) || !declared.PIN.Asks() || !r.Prompter.Asks() {
		return token, err
	}
	_, err = hsm.WaitForToken(ctx, declared.Module, declared.URI, func(present []hsm.TokenInfo) {
		r.Prompter.Say("Insert token %s (%s). There %s now; Ctrl-C stops.", declared.Name, declared.URI, areTokens(len(present)))
	})
	if err != nil {
		return nil, err
	}
	return hsm.Open(ctx, declared.Module, declared.URI)
}

func areTokens(n int) string {
	if n == 1 {
		return "is 1 token"
	}
	return "are " + words.Count(n, "token")
}

// login takes the PIN from the source that site.yaml names and tries it once.
func login(ctx context.Context, r room.Room, log room.Log, declared workspace.SiteToken, token *hsm.Token) error {
	info := token.Info()
	if info.ProtectedPath {
		r.Prompter.Say("Enter the PIN of token %s (serial %s) on its own PIN pad.", declared.Name, info.Serial)
		return token.Login(ctx, nil)
	}
	pin, err := declared.PIN.Read(func() ([]byte, error) {
		return r.Prompter.PIN(ctx, PINQuestion(declared.Name, info.Label, info.Serial))
	})
	if err != nil {
		return err
	}
	defer hsm.Wipe(pin)
	err = token.Login(ctx, pin)
	if !errors.Is(err, hsm.ErrPINFinalTry) || !declared.PIN.Asks() {
		return err
	}
	what := fmt.Sprintf("Token %s has one PIN try left. A wrong PIN now locks it.", declared.Name)
	if err := ask(ctx, r, log, what, "spend the last try on "+info.Serial); err != nil {
		return err
	}
	return token.LoginFinalTry(ctx, pin)
}

// PINQuestion asks for the PIN of a token.
func PINQuestion(name, label, serial string) string {
	return fmt.Sprintf("PIN of token %s (label %s, serial %s): ", name, label, serial)
}

// TokenKeys lists the key pairs on a token, after logging in.
func TokenKeys(ctx context.Context, r room.Room, name string) (keys []*hsm.Key, err error) {
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	declared, err := site.Token(name)
	if err != nil {
		return nil, err
	}
	err = trace(r, func(log *log) error {
		return Use(ctx, r, log, declared, func(token *hsm.Token) (err error) {
			keys, err = token.Keys(ctx)
			return err
		})
	})
	return keys, err
}
