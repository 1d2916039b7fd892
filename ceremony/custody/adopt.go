package custody

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// AdoptKey makes the lost record of a key again. The key is known by its value:
// signed metadata lists it, no record names it, and the token has it.
func AdoptKey(ctx context.Context, r room.Room, name, tokenName string) (record *workspace.KeyRecord, err error) {
	path := workspace.KeyPath(name)
	taken, err := r.Workspace.Exists(path)
	if err != nil {
		return nil, err
	}
	if taken {
		return adoptLeft(ctx, r, name, tokenName)
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	declared, err := site.Token(tokenName)
	if err != nil {
		return nil, err
	}
	lost, err := nameless(r.Workspace)
	if err != nil {
		return nil, err
	}
	err = trace(r, func(log *log) error {
		return Use(ctx, r, log, declared, func(token *hsm.Token) (err error) {
			record, err = adopt(ctx, r, log, token, name, lost)
			return err
		})
	})
	return record, err
}

// nameless are the keys in the signed root and targets of all repositories that
// no record names.
func nameless(ws *workspace.Workspace) ([]roles.Key, error) {
	trust, err := ws.Trust()
	if err != nil {
		return nil, err
	}
	records, err := ws.Keys()
	if err != nil {
		return nil, err
	}
	named := map[roles.Fingerprint]bool{}
	for _, record := range records {
		named[record.Fingerprint()] = true
	}
	lost := map[roles.Fingerprint]roles.Key{}
	for _, name := range trust.RepositoryNames() {
		state, err := loadSigned(ws, trust.Repositories[name])
		if err != nil {
			return nil, err
		}
		for _, keys := range state.Keys() {
			for _, k := range keys {
				if !named[k.Fingerprint] && k.Public != nil {
					lost[k.Fingerprint] = k
				}
			}
		}
	}
	return slices.Collect(maps.Values(lost)), nil
}

func loadSigned(ws *workspace.Workspace, repo *workspace.Repository) (*signed.State, error) {
	state, err := signed.Of(ws, repo)
	if err != nil {
		return nil, err
	}
	return state, state.Verify()
}

func adopt(ctx context.Context, r room.Room, log room.Log, token *hsm.Token, name string, lost []roles.Key) (*workspace.KeyRecord, error) {
	key, err := lostOn(ctx, token, name, lost)
	if err != nil {
		return nil, err
	}
	record, err := RecordFor(ctx, name, r.Now(), token, key)
	if err != nil {
		return nil, err
	}
	serial, print := token.Info().Serial, record.Fingerprint()
	what := fmt.Sprintf("Signed metadata lists this key, and the token with serial %s has it (label %s).\n  public key %x\n  words      %s\nIt will be called %s.",
		serial, key.Label(), print, words.Of(print[:8]), name)
	if err := ask(ctx, r, log, what, "adopt "+name+" on "+serial); err != nil {
		return nil, err
	}
	if err := r.Workspace.AddKey(record); err != nil {
		return nil, err
	}
	return record, log.Append(0, transcript.ActorTool, transcript.Adopted{
		Key: name, Token: serial, ID: hex.EncodeToString(key.ID()), Fingerprint: digest.SHA256(print),
		Because: "its record was gone",
	})
}

// lostOn finds the one of the lost keys that a token has. Of several it is the
// one with that label.
func lostOn(ctx context.Context, token *hsm.Token, name string, lost []roles.Key) (*hsm.Key, error) {
	var found []*hsm.Key
	for _, k := range lost {
		key, err := token.Find(ctx, k.Public)
		if errors.Is(err, hsm.ErrKeyNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if key.Label() == name {
			return key, nil
		}
		found = append(found, key)
	}
	serial := token.Info().Serial
	switch len(found) {
	case 0:
		return nil, fault.Errorf(fault.Token, "token with serial %s: it has none of the %s that signed metadata lists and no record names", serial, words.Count(len(lost), "key"))
	case 1:
		return found[0], nil
	}
	return nil, fault.Errorf(fault.Token, "token with serial %s: it has %s that signed metadata lists and no record names, none of them with the label %s", serial, words.Count(len(found), "key"), name)
}
