package custody

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Unattended are the tokens that a run uses without people. Each stays open from
// its first act to the end of the run: its PIN is in a file or a variable, so that
// closing it between two acts would keep nobody out. A token whose PIN a person
// types is never one of them, and nil has none.
type Unattended struct{ open map[string]*hsm.Token }

// Use is the function Use, but for tokens that stay open. One whose act fails is
// closed.
func (u *Unattended) Use(ctx context.Context, r room.Room, log room.Log, declared workspace.SiteToken, act func(*hsm.Token) error) error {
	if u == nil || declared.PIN.Asks() {
		return Use(ctx, r, log, declared, act)
	}
	token, err := u.token(ctx, r, log, declared)
	if err != nil {
		return fmt.Errorf("token %s: %w", declared.Name, err)
	}
	if err := act(token); err != nil {
		delete(u.open, declared.Name)
		return errors.Join(err, token.Close())
	}
	return nil
}

func (u *Unattended) token(ctx context.Context, r room.Room, log room.Log, declared workspace.SiteToken) (*hsm.Token, error) {
	if token := u.open[declared.Name]; token != nil {
		return token, nil
	}
	token, err := hsm.Open(ctx, declared.Module, declared.URI)
	if err != nil {
		return nil, err
	}
	if err := login(ctx, r, log, declared, token); err != nil {
		return nil, errors.Join(err, token.Close())
	}
	if u.open == nil {
		u.open = map[string]*hsm.Token{}
	}
	u.open[declared.Name] = token
	return token, nil
}

// Close closes them all.
func (u *Unattended) Close() (err error) {
	if u == nil {
		return nil
	}
	for name, token := range u.open {
		err = errors.Join(err, token.Close())
		delete(u.open, name)
	}
	return err
}
