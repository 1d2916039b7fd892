package custody

import (
	"context"
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// Witness has a witness sign a statement with a key on a token of this room. The key is
// found by its value, and is none of those that sign metadata.
func Witness(ctx context.Context, r room.Room, tokenName string, s witness.Statement) (envelope []byte, err error) {
	if err := notOurs(r.Workspace, s.Key); err != nil {
		return nil, err
	}
	if s.Key.Public() == nil {
		return nil, fault.Errorf(fault.Usage, "the key of %s is one that only OpenSSH uses", s.Witness).Hint("sign with ssh-keygen, and give --ssh-signature")
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	declared, err := site.Token(tokenName)
	if err != nil {
		return nil, err
	}
	err = trace(r, func(log *log) error {
		if err := r.Consent(ctx, log, witnessQuestion(s)); err != nil {
			return err
		}
		return Use(ctx, r, log, declared, func(token *hsm.Token) error {
			key, err := token.Find(ctx, s.Key.Public())
			if err != nil {
				return fmt.Errorf("the key of %s: %w", s.Witness, err)
			}
			envelope, err = witness.Sign(ctx, s, key.Sign)
			return err
		})
	})
	return envelope, err
}

func witnessQuestion(s witness.Statement) room.Question {
	phrase := fmt.Sprintf("witness line %d of %s at %s", s.Line, s.Ceremony, s.Site)
	return room.Question{Who: s.Witness, Phrase: phrase, Sum: s.Head, Card: screen.Card{
		Title: s.Witness + ": " + phrase,
		Facts: []screen.Fact{screen.Of("compare", "these words with your paper; they stand for every line up to this one")},
		Sum:   s.Head,
	}}
}

// notOurs refuses a key that trust.yaml has sign metadata: who watches is somebody else.
func notOurs(ws *workspace.Workspace, key witness.Key) error {
	trust, err := ws.Trust()
	if err != nil {
		return err
	}
	records, err := ws.Keys()
	if err != nil {
		return err
	}
	for _, repository := range trust.RepositoryNames() {
		for _, name := range trust.Repositories[repository].KeyNames {
			record := records[name]
			if record == nil {
				continue
			}
			if ours, err := witness.KeyOf(record.PublicKey()); err == nil && ours.String() == key.String() {
				return fault.Errorf(fault.Refused, "that is key %s of repository %s; a witness signs with a key of their own", name, repository)
			}
		}
	}
	return nil
}

// WitnessSSH is Witness with a signature that ssh-keygen made elsewhere.
func WitnessSSH(ctx context.Context, ws *workspace.Workspace, s witness.Statement, armored []byte) ([]byte, error) {
	if err := notOurs(ws, s.Key); err != nil {
		return nil, err
	}
	return witness.FromSSH(ctx, s, armored)
}
