package custody

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Tokens opens the tokens of a site as they are needed: one helper process
// and one login for each token and run.
type Tokens struct {
	site     *workspace.Site
	prompter prompt.Prompter
	Open     map[string]*hsm.Token
}

func NewTokens(site *workspace.Site, prompter prompt.Prompter) *Tokens {
	return &Tokens{site: site, prompter: prompter, Open: map[string]*hsm.Token{}}
}

// Holding is the token that holds a key, by site.yaml, logged in.
func (t *Tokens) Holding(ctx context.Context, key string) (*hsm.Token, error) {
	token, err := t.site.TokenOf(key)
	if err != nil {
		return nil, err
	}
	return t.Get(ctx, token.Name)
}

// Get returns a token by its name in site.yaml, logged in.
func (t *Tokens) Get(ctx context.Context, name string) (*hsm.Token, error) {
	if token, ok := t.Open[name]; ok {
		return token, nil
	}
	declared, err := t.site.Token(name)
	if err != nil {
		return nil, err
	}
	token, err := t.plugged(ctx, declared)
	if err != nil {
		return nil, fmt.Errorf("token %s: %w", name, err)
	}
	if err := t.login(ctx, declared, token); err != nil {
		return nil, errors.Join(fmt.Errorf("token %s: %w", name, err), token.Close())
	}
	t.Open[name] = token
	return token, nil
}

// plugged opens a token. Where its PIN is asked for there are people, who are
// told to insert it when it is not there; tokens may come one after another.
func (t *Tokens) plugged(ctx context.Context, declared workspace.SiteToken) (*hsm.Token, error) {
	token, err := hsm.Open(ctx, declared.Module, declared.URI)
	if !errors.Is(err, hsm.ErrTokenNotFound) || !declared.PIN.Asks() || !t.prompter.Asks() {
		return token, err
	}
	_, err = hsm.WaitForToken(ctx, declared.Module, declared.URI, func(present []hsm.TokenInfo) {
		t.prompter.Say("Insert token %s (%s). There are %d tokens now; Ctrl-C stops.", declared.Name, declared.URI, len(present))
	})
	if err != nil {
		return nil, err
	}
	return hsm.Open(ctx, declared.Module, declared.URI)
}

// login takes the PIN from the source that site.yaml names and tries it once.
func (t *Tokens) login(ctx context.Context, declared workspace.SiteToken, token *hsm.Token) error {
	info := token.Info()
	if info.ProtectedPath {
		t.prompter.Say("Enter the PIN of token %s (serial %s) on its own PIN pad.", declared.Name, info.Serial)
		return token.Login(ctx, nil)
	}
	pin, err := declared.PIN.Read(func() ([]byte, error) {
		return t.prompter.PIN(ctx, fmt.Sprintf("PIN of token %s (label %s, serial %s): ", declared.Name, info.Label, info.Serial))
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
	if err := t.prompter.Confirm(ctx, what, "spend the last try on "+info.Serial); err != nil {
		return err
	}
	return token.LoginFinalTry(ctx, pin)
}

// Key returns the private key of a public key on the token that holds it.
func (t *Tokens) Key(ctx context.Context, key string, public crypto.PublicKey) (*hsm.Key, error) {
	token, err := t.Holding(ctx, key)
	if err != nil {
		return nil, err
	}
	found, err := token.Find(ctx, public)
	if err != nil {
		return nil, fmt.Errorf("key %s on token %s: %w", key, t.site.Keys[key], err)
	}
	return found, nil
}

// Close logs out of every token and ends their helpers.
func (t *Tokens) Close() error {
	var errs []error
	for name, token := range t.Open {
		errs = append(errs, token.Close())
		delete(t.Open, name)
	}
	return errors.Join(errs...)
}
