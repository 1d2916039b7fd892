package custody

import (
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// adoptLeft takes a key that an aborted ceremony made: its record is here, its token has
// it, and a person says that it is good. Before that no plan takes it.
func adoptLeft(ctx context.Context, r room.Room, name, tokenName string) (*workspace.KeyRecord, error) {
	record, err := r.Workspace.Key(name)
	if err != nil {
		return nil, err
	}
	past, err := ceremonies.ReadPast(r.Workspace, "", "")
	if err != nil {
		return nil, err
	}
	left, is := past.Left(digest.SHA256(record.Fingerprint()))
	if !is {
		return nil, fault.Errorf(fault.Failed, "%s: %w; there is nothing to adopt", workspace.KeyPath(name), fs.ErrExist)
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	declared, err := site.Token(tokenName)
	if err != nil {
		return nil, err
	}
	return record, trace(r, func(log *log) error {
		return Use(ctx, r, log, declared, func(token *hsm.Token) error {
			key, err := Find(ctx, token, record, declared.Name)
			if err != nil {
				return err
			}
			return takeLeft(ctx, r, log, token.Info().Serial, hex.EncodeToString(key.ID()), record, left)
		})
	})
}

func takeLeft(ctx context.Context, r room.Room, log room.Log, serial, id string, record *workspace.KeyRecord, left ceremonies.Left) error {
	print := record.Fingerprint()
	what := fmt.Sprintf("Ceremony %s made this key on the token with serial %s, and was aborted then.\n  public key %x\n  words      %s\nPlans may take it again as %s.",
		left.Ceremony, serial, print, words.Of(print[:8]), left.Key)
	if err := ask(ctx, r, log, what, "adopt "+left.Key+" on "+serial); err != nil {
		return err
	}
	return log.Append(0, transcript.ActorTool, transcript.Adopted{
		Key: left.Key, Token: serial, ID: id, Fingerprint: left.Fingerprint, Because: "left by " + left.Ceremony + ", which was aborted",
	})
}
