package rehearse

import (
	"context"
	"errors"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/foreign"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// bring plays those whose signatures are brought in by hand: what sign-request would
// give out is signed by their fakes and taken in. It returns how many came.
func (w *World) bring(ctx context.Context, r room.Room) (count int, err error) {
	desk, err := foreign.Open(r, w.Rehearsal.Of)
	if err != nil {
		return 0, err
	}
	waiting, err := desk.Waiting()
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	token, err := w.elsewhere(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, token.Close()) }()
	for _, wait := range waiting {
		key, err := token.Find(ctx, wait.Public)
		if err != nil {
			return count, err
		}
		value, err := key.Sign(ctx, wait.Bytes)
		if err != nil {
			return count, err
		}
		if _, err := desk.Add("the fake of "+wait.Key, value, wait.Key); err != nil {
			return count, err
		}
		r.Prompter.Say("the fake of %s signed elsewhere, and its signature was brought in", wait.Key)
		count++
	}
	return count, nil
}

// elsewhere opens the token of the keys that the real room does not have.
func (w *World) elsewhere(ctx context.Context) (*hsm.Token, error) {
	site, err := w.Site()
	if err != nil {
		return nil, err
	}
	m, err := site.Module(module)
	if err != nil {
		return nil, err
	}
	token, err := hsm.Open(ctx, m, hsm.URI{Token: workspace.FakePrefix + elsewhere})
	if err != nil {
		return nil, err
	}
	if err := token.Login(ctx, []byte(PIN)); err != nil {
		return nil, errors.Join(err, token.Close())
	}
	return token, nil
}

// waits says whether a run stopped because it waits for somebody.
func waits(err error) bool { return fault.CodeOf(err) == fault.Incomplete }
