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
	token, err := open(ctx, r, log, declared)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, token.Close()) }()
	return act(token)
}

// open opens a token and logs in.
func open(ctx context.Context, r room.Room, log room.Log, declared workspace.SiteToken) (*hsm.Token, error) {
	token, err := plugged(ctx, r, declared)
	if err != nil {
		return nil, fmt.Errorf("token %s: %w", declared.Name, err)
	}
	if err := belongs(r, declared.Name, token.Info()); err != nil {
		return nil, errors.Join(err, token.Close())
	}
	if err := login(ctx, r, log, declared, token); err != nil {
		return nil, fmt.Errorf("token %s: %w", declared.Name, errors.Join(err, token.Close()))
	}
	return token, nil
}

// belongs refuses a token of a rehearsal outside of it, and a real one within, before
// anybody types a PIN.
func belongs(r room.Room, name string, info hsm.TokenInfo) error {
	return r.Rehearsal.Belongs(workspace.IsFake(info.Label), fmt.Sprintf("token %s (label %q, serial %s)", name, info.Label, info.Serial))
}

// plugged opens a token. Where its PIN is asked for there are people, who are
// told to insert it when it is not there; tokens may come one after another.
func plugged(ctx context.Context, r room.Room, declared workspace.SiteToken) (*hsm.Token, error) {
	token, err := hsm.Open(ctx, declared.Module, declared.URI)
	if !errors.Is(err, hsm.ErrTokenNotFound) || !declared.PIN.Asks() || !r.Prompter.Asks() {
		return token, err
	}
	_, err = hsm.WaitForToken(ctx, declared.Module, declared.URI, func(present hsm.Listing) {
		r.Prompter.Say("Insert token %s (%s). There %s now; Ctrl-C stops.", declared.Name, declared.URI, areTokens(len(present.Tokens)))
		for _, bad := range present.Faults {
			r.Prompter.Say("Not readable: %v", bad.Err)
		}
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

// locked is a token that nobody has logged in to.
type locked interface {
	Info() hsm.TokenInfo
	Login(ctx context.Context, pin []byte) error
	LoginFinalTry(ctx context.Context, pin []byte) error
	AskPIN(ask func(context.Context, *hsm.Key) ([]byte, error))
	PINChecked() bool
}

// login takes the PIN from the source that site.yaml names and tries it once. A key
// that wants it for each signature has it asked for each time.
func login(ctx context.Context, r room.Room, log room.Log, declared workspace.SiteToken, token locked) error {
	info := token.Info()
	read := func(ctx context.Context, before string) ([]byte, error) {
		return readPIN(ctx, r, declared, info, before)
	}
	token.AskPIN(func(ctx context.Context, key *hsm.Key) ([]byte, error) {
		r.Prompter.Say("%s", EachTime(key.Label()))
		return read(ctx, OnceMore)
	})
	if !info.LoginRequired {
		r.Prompter.Say("Token %s (serial %s) wants no PIN.", declared.Name, info.Serial)
		return token.Login(ctx, nil)
	}
	pin, err := read(ctx, "")
	if err != nil {
		return err
	}
	defer hsm.Wipe(pin)
	err = token.Login(ctx, pin)
	if errors.Is(err, hsm.ErrPINFinalTry) && declared.PIN.Asks() && pin != nil {
		what := fmt.Sprintf("Token %s has one PIN try left. A wrong PIN now locks it.", declared.Name)
		if err := ask(ctx, r, log, what, "spend the last try on "+info.Serial); err != nil {
			return err
		}
		err = token.LoginFinalTry(ctx, pin)
	}
	if err == nil && !token.PINChecked() {
		r.Prompter.Say("Token %s was logged in already, by another program: it did not look at the PIN.", declared.Name)
	}
	return err
}

// readPIN takes the PIN from its source; nil where it is typed on the token.
func readPIN(ctx context.Context, r room.Room, declared workspace.SiteToken, info hsm.TokenInfo, before string) ([]byte, error) {
	if info.ProtectedPath {
		r.Prompter.Say("%sEnter the PIN of token %s (serial %s) on its own PIN pad.", before, declared.Name, info.Serial)
		return nil, nil
	}
	return declared.PIN.Read(func() ([]byte, error) {
		if length := lengthOf("", info); length != "" {
			r.Prompter.Say("The PIN of token %s has %s.", declared.Name, length)
		}
		pin, err := r.Prompter.PIN(ctx, before+PINQuestion(declared.Name, info.Label, info.Serial))
		return pin, Unasked(r.Prompter, err, fmt.Sprintf("or say where the PIN comes from: tokens.%s.pin in site.yaml takes file:/PATH, env:NAME and fd:N", declared.Name))
	})
}

// lengthOf says in a prompt, after before, how long a PIN of the token is; "" when
// the token does not say.
func lengthOf(before string, info hsm.TokenInfo) string {
	if length := info.PINLength("character"); length != "" {
		return before + length
	}
	return ""
}

// EachTime and OnceMore come before the question for a PIN that a key wants for each
// signature, on the screen and on the runbook.
func EachTime(key string) string { return "Key " + key + " wants the PIN for each signature." }

const OnceMore = "Once more, "

// PINQuestion asks for the PIN of a token, on the screen and on the runbook.
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
