package custody

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// DestroyKey destroys a key pair that nothing ever trusted: a mistake, or a test.
// One that a root or a delegation has listed is destroyed by a ceremony, after
// what lists it was signed anew. The record stays.
func DestroyKey(ctx context.Context, r room.Room, name string) error {
	record, err := r.Workspace.Key(name)
	if err != nil {
		return err
	}
	if err := neverTrusted(r.Workspace, record); err != nil {
		return err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return err
	}
	declared, err := site.TokenOf(name)
	if err != nil {
		return err
	}
	return trace(r, func(log *log) error {
		return Use(ctx, r, log, declared, func(token *hsm.Token) error {
			key, err := Find(ctx, token, record, declared.Name)
			if err != nil {
				return err
			}
			return Destroy(ctx, r, log, room.Question{}, token, key, record)
		})
	})
}

// neverTrusted refuses a key that trust.yaml names, or that any signed root, or
// the signed targets, of any repository lists.
func neverTrusted(ws *workspace.Workspace, record *workspace.KeyRecord) error {
	trust, err := ws.Trust()
	if err != nil {
		return err
	}
	is := func(k roles.Key) bool { return k.Fingerprint == record.Fingerprint() }
	for _, name := range trust.RepositoryNames() {
		repo := trust.Repositories[name]
		if slices.Contains(repo.KeyNames, record.Name) {
			return fault.Errorf(fault.Refused, "key %s: %s trusts it", record.Name, repo.Path("keys", record.Name)).
				Hint("remove it from trust.yaml, then run this again; a key that signed metadata lists is destroyed in a ceremony: keyrite plan %s --destroy %s", name, record.Name)
		}
		state, err := loadSigned(ws, repo)
		if err != nil {
			return err
		}
		listed := state.Keys()["targets"]
		for _, root := range state.Roots {
			listed = append(listed, root.Body.(*roles.Root).Keys...)
		}
		if slices.ContainsFunc(listed, is) {
			return fault.Errorf(fault.Refused, "key %s: signed metadata of repository %s lists it", record.Name, name).
				Hint("destroy it in a ceremony: keyrite plan %s --destroy %s", name, record.Name)
		}
	}
	return nil
}

// Destroy destroys a key pair after a person has said so in words: whom to says is
// asked, at its step. The intent is durable before the token is asked.
func Destroy(ctx context.Context, r room.Room, log room.Log, to room.Question, token *hsm.Token, key *hsm.Key, record *workspace.KeyRecord) error {
	serial, print, step := token.Info().Serial, record.Fingerprint(), to.Step
	q := DestroyQuestion(step, record, serial)
	q.Who, q.Name = to.Who, to.Name
	if err := r.Consent(ctx, log, q); err != nil {
		return err
	}
	intent := transcript.Destroying{Key: record.Name, Token: serial, ID: hex.EncodeToString(key.ID()), Fingerprint: digest.SHA256(print)}
	if err := log.Append(step, transcript.ActorTool, intent); err != nil {
		return err
	}
	if err := token.Destroy(ctx, key.ID()); err != nil {
		return err
	}
	return log.Append(step, transcript.ActorTool, transcript.Destroyed(intent))
}

// DestroyQuestion is what a person is asked before a key pair is destroyed.
func DestroyQuestion(step int, record *workspace.KeyRecord, serial string) room.Question {
	print := record.Fingerprint()
	return room.Question{
		Step: step, Phrase: "destroy " + record.Name + " on " + serial,
		What: fmt.Sprintf("Destroy %s (%s) on the token with serial %s. It cannot be undone.\n  public key %x\n  words      %s",
			record.Name, record.Type, serial, print, words.Of(print[:8])),
	}
}

// DestroyRest destroys what an interrupted destruction left under an id, after a
// person has said so in words.
func DestroyRest(ctx context.Context, r room.Room, log room.Log, step int, token *hsm.Token, name string, id []byte, left hsm.Leftovers) error {
	if left.Key != nil { // the transcript lies on a disk that others may have had
		return fault.Errorf(fault.Unverified, "the transcript says that key %s has id %x, but the token has another key under it", name, id)
	}
	serial := token.Info().Serial
	what := fmt.Sprintf("An interrupted run left this on the token with serial %s under id %x, when it destroyed %s: %s.\nDestroying it cannot be undone.", serial, id, name, halves(left))
	if err := r.Consent(ctx, log, room.Question{Step: step, What: what, Phrase: "destroy what is left of " + name + " on " + serial}); err != nil {
		return err
	}
	gone := transcript.Destroying{Key: name, Token: serial, ID: hex.EncodeToString(id)}
	if err := token.Destroy(ctx, id); err != nil {
		return err
	}
	return log.Append(step, transcript.ActorTool, transcript.Destroyed(gone))
}
