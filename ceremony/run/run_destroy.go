package run

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
)

// destroyIntent is durable before the token is asked: a run that finds the key
// gone knows by it that this ceremony was about to destroy it.
type destroyIntent struct {
	Key         string `json:"key"`
	Token       string `json:"token"` // serial
	ID          string `json:"id"`    // CKA_ID, hexadecimal
	Fingerprint string `json:"fingerprint"`
}

// destroy destroys a key pair that nothing trusts any more, after a person has
// said so in words: --yes is no consent to what cannot be undone. The public
// record stays.
func (m *machine) destroy(ctx context.Context, s plan.Step) (any, error) {
	if m.Yes {
		return nil, fault.Errorf(fault.Refused, "--yes: destroying a key always asks a person").Hint("run without --yes and answer the questions")
	}
	record, err := m.Workspace.Key(s.Key)
	if err != nil {
		return nil, err
	}
	key, err := m.tokens.Key(ctx, s.Key, record.PublicKey())
	if raw, begun := m.intents[s.Step]; begun && errors.Is(err, hsm.ErrKeyNotFound) {
		return m.destroyed(ctx, s, raw)
	}
	if err != nil {
		return nil, err
	}
	token, err := m.tokens.Holding(ctx, s.Key)
	if err != nil {
		return nil, err
	}
	serial, print := token.Info().Serial, record.Fingerprint()
	what := fmt.Sprintf("Destroy %s (%s) on token %s, serial %s. It cannot be undone.\n  public key %x\n  words      %s",
		s.Key, record.Type, m.site.Keys[s.Key], serial, print, words.Of(print[:8]))
	if err := m.consent(ctx, s, what, "destroy "+s.Key+" on "+serial, nil, nil); err != nil {
		return nil, err
	}
	intent := destroyIntent{s.Key, serial, hex.EncodeToString(key.ID()), hex.EncodeToString(print[:])}
	if err := m.intend(s, intent); err != nil {
		return nil, err
	}
	return intent, token.Destroy(ctx, key.ID())
}

// destroyed ends the step of a run that was interrupted after the token had
// destroyed the pair, or the half of it. It must be the same token: on another
// one the key was never to be found.
func (m *machine) destroyed(ctx context.Context, s plan.Step, raw json.RawMessage) (any, error) {
	var intent destroyIntent
	if err := json.Unmarshal(raw, &intent); err != nil {
		return nil, fault.Errorf(fault.Unverified, "transcript: intent of step %d: %w", s.Step, err)
	}
	token, err := m.tokens.Holding(ctx, s.Key)
	if err != nil {
		return nil, err
	}
	if serial := token.Info().Serial; serial != intent.Token {
		return nil, fault.Errorf(fault.Token, "key %s: its destruction began on the token with serial %s, but site.yaml names the one with serial %s", s.Key, intent.Token, serial)
	}
	id, err := hex.DecodeString(intent.ID)
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "transcript: the id of key %s is damaged", s.Key)
	}
	left, err := token.FindID(ctx, id)
	if err != nil {
		return nil, err
	}
	if left.Key != nil { // the transcript lies on a disk that others may have had
		return nil, fault.Errorf(fault.Unverified, "the transcript says that key %s has id %s, but the token has another key under it", s.Key, intent.ID)
	}
	if !left.Empty() {
		return intent, m.destroyHalf(ctx, s, token, id)
	}
	m.Prompter.Say("Key %s is gone from the token already: the run that was interrupted destroyed it.", s.Key)
	return intent, nil
}
