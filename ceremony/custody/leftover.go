package custody

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
)

// leftover finds what an interrupted generation left under an id. A pair is
// adopted if the token says of it what it says of a new one. Anything else is
// destroyed, with retry, when a person says so.
func (n NewKey) leftover(ctx context.Context, r room.Room, log room.Log, token *hsm.Token, id []byte) (key *hsm.Key, retry bool, err error) {
	if n.Before == nil {
		return nil, false, nil
	}
	found, err := token.FindBegun(ctx, id, r.Label(n.Name))
	if err != nil || found.Empty() {
		return nil, false, err
	}
	id = found.ID // some tokens give one of their own
	if found.Key == nil {
		return nil, true, n.destroy(ctx, r, log, token, id, halves(found))
	}
	if label := found.Key.Label(); label != r.Label(n.Name) {
		return nil, false, fault.Errorf(fault.Unverified, "the transcript says that key %s was begun under id %x, but the token has key %q under it", n.Name, id, label).
			Hint("the transcript was changed, or the key was renamed; close this ceremony: keyrite abort --reason TEXT")
	}
	if err := n.judge(ctx, found.Key); err != nil {
		return nil, true, n.destroy(ctx, r, log, token, id, fmt.Sprintf("a key pair that was begun and cannot be taken: %v", err))
	}
	print, err := fingerprint(found.Key)
	if err != nil {
		return nil, false, err
	}
	r.Prompter.Say("Key %s is on the token already, from the run that was interrupted: it is taken as it is.", n.Name)
	return found.Key, false, log.Append(n.Step, transcript.ActorTool, transcript.Adopted{
		Key: n.Name, Token: token.Info().Serial, ID: hex.EncodeToString(id), Fingerprint: print,
		Because: "an interrupted run of this ceremony generated it, by its id and label",
	})
}

// judge demands of a pair that was found what the token grants a new one: it was
// made there, can never leave, and signs.
func (n NewKey) judge(ctx context.Context, key *hsm.Key) error {
	if err := n.fits(key.Type(), key.Evidence()); err != nil {
		return err
	}
	if err := key.SelfTest(ctx); err != nil {
		return fmt.Errorf("it does not sign: %w", err)
	}
	return nil
}

func (n NewKey) fits(t hsm.KeyType, e hsm.Evidence) error {
	switch {
	case t != n.Type:
		return fmt.Errorf("it is %s, want %s", t, n.Type)
	case !e.Local && !n.Unproven:
		return errors.New("it was not made on this token")
	case !e.Sensitive || !n.Backup && (e.Extractable || !e.NeverExtractable && !n.Unproven):
		return errors.New("it can leave the token")
	case n.Backup && e.Extractable && !e.WrapWithTrusted:
		return errors.New("it can leave the token under any key")
	}
	return nil
}

// halves says what there is instead of a pair. A private key may work without its
// public one, so it is never called half of anything.
func halves(found hsm.Leftovers) string {
	switch {
	case found.Private == 0:
		return "a public key without a private one"
	case found.Public == 0:
		return "a private key without its public one; if another program uses that key, it is lost for good"
	}
	return fmt.Sprintf("%d public and %d private keys", found.Public, found.Private)
}

// destroy asks a person, always, and destroys what lies under an id.
func (n NewKey) destroy(ctx context.Context, r room.Room, log room.Log, token *hsm.Token, id []byte, what string) error {
	serial := token.Info().Serial
	err := r.Consent(ctx, log, room.Question{
		Step: n.Step, Phrase: "destroy what is left of " + n.Name + " on " + serial,
		What: fmt.Sprintf("An interrupted run left this on token %s under id %x, begun as %s: %s.\nDestroying it cannot be undone.", n.Token.Name, id, n.Name, what),
	})
	if err != nil {
		return err
	}
	gone := transcript.Destroying{Key: n.Name, Token: serial, ID: hex.EncodeToString(id)}
	if err := log.Append(n.Step, transcript.ActorTool, gone); err != nil {
		return err
	}
	if err := token.Destroy(ctx, id); err != nil {
		return err
	}
	return log.Append(n.Step, transcript.ActorTool, transcript.Note{Note: transcript.NoteLeftover, Of: n.Name, Text: "destroyed what an interrupted run left of key " + n.Name})
}
