package custody

import (
	"context"
	"errors"

	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Tokens are those that a run has open. A token is open for one act and closed after
// it, unless the act goes on: a custodian who has several keys made types the PIN once.
//
// Without people a token stays open from its first act to the end of the run: its PIN is
// in a file or a variable, so that closing it between two acts would keep nobody out.
// Outside of a run there are none, and nil keeps nothing open.
type Tokens struct {
	Unattended bool // nobody is there
	open       map[string]*hsm.Token
}

// Use has an act use a token of site.yaml, as the function Use does. One whose act goes
// on stays open for what comes next, and one whose act fails is closed.
func (t *Tokens) Use(ctx context.Context, r room.Room, log room.Log, declared workspace.SiteToken, goesOn bool, act func(*hsm.Token) error) error {
	if t == nil {
		return Use(ctx, r, log, declared, act)
	}
	token := t.open[declared.Name]
	if token == nil {
		var err error
		if token, err = open(ctx, r, log, declared); err != nil {
			return err
		}
	}
	delete(t.open, declared.Name)
	err := act(token)
	if err != nil || !goesOn && !(t.Unattended && !declared.PIN.Asks()) {
		return errors.Join(err, token.Close())
	}
	if t.open == nil {
		t.open = map[string]*hsm.Token{}
	}
	t.open[declared.Name] = token
	return nil
}

// Close closes them all.
func (t *Tokens) Close() (err error) {
	if t == nil {
		return nil
	}
	for name, token := range t.open {
		err = errors.Join(err, token.Close())
		delete(t.open, name)
	}
	return err
}
