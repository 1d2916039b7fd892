package run

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// destroy destroys a key pair that nothing trusts any more, after a person has
// said so in words: --yes is no consent to what cannot be undone. The public
// record stays. Which key is meant is what the plan pinned.
func (m *machine) destroy(ctx context.Context, s plan.Step) error {
	record := m.scene.Ring.Record(s.Key)
	if record == nil {
		return fault.Errorf(fault.Usage, "plan.yaml: step %d destroys %s, which has no record", s.Step, s.Key)
	}
	declared, err := m.site.TokenOf(s.Key)
	if err != nil {
		return err
	}
	if m.Yes {
		return fault.Errorf(fault.Refused, "--yes: destroying a key always asks a person").Hint("run without --yes and answer the questions")
	}
	return custody.Use(ctx, m.Room, m.transcript, declared, func(token *hsm.Token) error {
		key, err := token.Find(ctx, record.PublicKey())
		if intent, begun := transcript.Last[transcript.Destroying](m.transcript, s.Step); begun && errors.Is(err, hsm.ErrKeyNotFound) {
			return m.destroyed(ctx, s, token, record, intent)
		}
		if err != nil {
			return err
		}
		return custody.Destroy(ctx, m.Room, m.transcript, room.Question{Step: s.Step, Who: m.scene.Repo.Custodian(s.Key), Name: m.holder(s.Key)}, token, key, record)
	})
}

// destroyed ends the step of a run that was interrupted after the token had
// destroyed the pair. It must be the same token: on another one the key was never
// to be found. What may be left under the id is not touched on a transcript's
// word.
func (m *machine) destroyed(ctx context.Context, s plan.Step, token *hsm.Token, record *workspace.KeyRecord, intent transcript.Destroying) error {
	if serial := token.Info().Serial; serial != intent.Token || intent.Fingerprint != digest.SHA256(record.Fingerprint()) {
		return fault.Errorf(fault.Token, "key %s: its destruction began on the token with serial %s, but site.yaml names the one with serial %s", s.Key, intent.Token, serial)
	}
	id, err := hex.DecodeString(intent.ID)
	if err != nil {
		return fault.Errorf(fault.Unverified, "transcript: the id of key %s is damaged", s.Key)
	}
	left, err := token.FindID(ctx, id)
	if err != nil {
		return err
	}
	if !left.Empty() {
		return custody.DestroyRest(ctx, m.Room, m.transcript, s.Step, token, s.Key, id, left)
	}
	m.Prompter.Say("Key %s is gone from the token already: the run that was interrupted destroyed it.", s.Key)
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.Destroyed(intent))
}
