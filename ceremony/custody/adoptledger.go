package custody

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/ledger"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// Restatement asks to begin a token's ledger of a key again: what was lost, rolled
// back or forked is followed by a record of the highest version that is known.
type Restatement struct {
	Repository string
	Role       string
	Key        string // name in trust.yaml
	Because    string // a person's reason
}

// AdoptLedger makes that record when a person agrees. No lower version becomes
// possible by it: it says what the transcripts, the signed metadata and the token
// know, whichever is highest.
func AdoptLedger(ctx context.Context, r room.Room, a Restatement) (made transcript.Restated, err error) {
	lock, err := r.Workspace.Lock(a.Repository)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	l, err := openLedger(r, a)
	if err != nil {
		return made, err
	}
	err = Trace(r, func(log room.Log) error {
		return Use(ctx, r, log, l.token, func(token *hsm.Token) (err error) {
			made, err = l.restate(ctx, r, log, token)
			return err
		})
	})
	return made, err
}

// keyLedger is the ledger of one key in one role, and what the workspace knows of it.
type keyLedger struct {
	Restatement
	key   roles.Key
	place ledger.Place
	past  *ceremonies.Past
	scene *scene.Scene
	token workspace.SiteToken
}

func openLedger(r room.Room, a Restatement) (*keyLedger, error) {
	now, err := scene.Read(r.Workspace.Folder, a.Repository, r.Now())
	if err != nil {
		return nil, err
	}
	if !slices.Contains(now.Repo.KeyNames, a.Key) {
		return nil, fault.Errorf(fault.Usage, "%s: there is no %s", now.Repo.Path("keys"), a.Key).Suggest(a.Key, now.Repo.KeyNames)
	}
	if now.Ring.Record(a.Key) == nil {
		return nil, fault.Errorf(fault.Usage, "there is no %s: the key was not generated yet, or its record is lost", workspace.KeyPath(a.Key)).
			Hint("if a token holds it: keyrite key adopt %s --token TOKEN", a.Key)
	}
	if err := now.Signed.Verify(); err != nil {
		return nil, err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	l := &keyLedger{Restatement: a, scene: now, key: now.Ring.Keys[a.Key]}
	l.place = ledger.Place{Key: l.key.Fingerprint, Repository: now.Repo.LedgerID(), Role: a.Role}
	if l.token, err = site.TokenOf(a.Key); err != nil {
		return nil, err
	}
	l.past, err = ceremonies.ReadPast(r.Workspace, a.Repository, "")
	return l, err
}

func (l *keyLedger) restate(ctx context.Context, r room.Room, log room.Log, token *hsm.Token) (made transcript.Restated, err error) {
	if _, err := token.Find(ctx, l.key.Public); err != nil {
		return made, fmt.Errorf("key %s: %w", l.Key, err)
	}
	facts, err := LedgerFacts(ctx, token, l.scene.Signed, l.Role, 0)
	if err != nil {
		return made, err
	}
	if !facts.Support.Holds {
		return made, fault.Errorf(fault.Token, "token %s keeps no ledger: %s", l.token.Name, facts.Support.Reason)
	}
	facts.Signatures = append(l.past.Signatures(digest.SHA256(l.place.Key), l.Role), facts.Published)
	record, err := ledger.Restate(facts, l.place, hsm.LedgerAdopted, [32]byte{}, r.Now())
	if err != nil {
		return made, err
	}
	if record.Version == 0 {
		return made, fault.Errorf(fault.Refused, "no version of %s is known: key %s has no ledger to begin again", l.Role, l.Key).Suggest(l.Role, l.scene.Repo.Order())
	}
	serial := token.Info().Serial
	made = transcript.Restated{
		Repository: l.Repository, Role: l.Role, Version: record.Version, Key: l.Key, Fingerprint: digest.SHA256(l.place.Key), Token: serial,
		SHA256: record.Signed, Record: int64(record.Seq), RecordHash: record.Hash(), Because: l.Because,
	}
	what := fmt.Sprintf("Token %s (serial %s) will say that key %s has signed %s up to version %d, SHA-256 %s.\nWhatever it said before no longer counts. No other copy of the key may sign.\nReason: %s",
		l.token.Name, serial, l.Key, l.Role, made.Version, made.SHA256, l.Because)
	phrase := fmt.Sprintf("adopt %s %d on %s", l.Role, made.Version, serial)
	if err := r.Consent(ctx, log, room.Question{What: what, Phrase: phrase}); err != nil {
		return made, err
	}
	if err := token.CreateLedgerRecords(ctx, record); err != nil {
		return made, err
	}
	return made, log.Append(0, transcript.ActorPerson, made)
}

// LedgerFacts are what a token and the signed metadata know of a key in a role. A large file is hashed
// only if it has the version that matters, 0 for any.
func LedgerFacts(ctx context.Context, token *hsm.Token, state *signed.State, role string, version int64) (f ledger.Facts, err error) {
	f.Support = token.Info().Ledger()
	if f.Support.Holds {
		if f.Objects, err = token.Ledger(ctx); err != nil {
			return f, err
		}
	}
	if file := state.File(role); file != nil {
		f.Published = ledger.Signature{Version: roles.HeadOf(file.Body).Version, Where: state.Paths[role]}
		if version == 0 || version == f.Published.Version {
			f.Published.Signed = digest.Of(file.Signed)
		}
	}
	return f, nil
}
