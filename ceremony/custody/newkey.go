package custody

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// NewKey is a key pair that is to be made on a token.
type NewKey struct {
	Step   int // of the plan; 0 outside of ceremonies
	Name   string
	Type   hsm.KeyType
	Backup bool
	Token  workspace.SiteToken

	// Unproven takes a key of which the token does not say that it was made there and
	// never leaves, for roles whose policy wants no evidence.
	Unproven bool

	// Before is the intent of an attempt that was interrupted, if there was one.
	// Nobody vouches for it: it says where to look, and nothing more.
	Before *transcript.Generating

	// Consent is asked for before the token is; nil for none.
	Consent func(room.Question) error

	Tokens *Tokens
	GoesOn bool // another key is made on the token, in the same act
}

// Make makes the pair and its public record in keys/. What an interrupted attempt
// left on the token is adopted if it is beyond doubt that pair, and otherwise
// destroyed when a person says so.
func (n NewKey) Make(ctx context.Context, r room.Room, log room.Log) (record *workspace.KeyRecord, err error) {
	err = n.Tokens.Use(ctx, r, log, n.Token, n.GoesOn, func(token *hsm.Token) error {
		retry := false
		if record, retry, err = n.on(ctx, r, log, token); retry && err == nil {
			record, _, err = n.on(ctx, r, log, token)
		}
		return err
	})
	return record, err
}

// on makes the pair on an open token. With retry it has destroyed something
// first, and wants to be called again.
func (n NewKey) on(ctx context.Context, r room.Room, log room.Log, token *hsm.Token) (record *workspace.KeyRecord, retry bool, err error) {
	intent, id, err := n.intent(token)
	if err != nil {
		return nil, false, err
	}
	if err := log.Append(n.Step, transcript.ActorTool, intent); err != nil {
		return nil, false, err
	}
	key, retry, err := n.leftover(ctx, r, log, token, id)
	if err != nil || retry {
		return nil, retry, err
	}
	if key == nil {
		if key, err = n.generate(ctx, r, token, id); err != nil {
			return nil, false, err
		}
	}
	if e := key.Evidence(); !e.Local || !e.NeverExtractable && !n.Backup {
		r.Prompter.Say("The token does not say that key %s was made in it and never leaves. It is taken, since the policy of what it signs wants no evidence.", n.Name)
	}
	record, err = n.record(ctx, r, log, token, key)
	return record, false, err
}

// intent is that of the attempt before, on the same token, or a new one.
func (n NewKey) intent(token *hsm.Token) (transcript.Generating, []byte, error) {
	intent := transcript.Generating{Key: n.Name, Type: n.Type, Token: token.Info().Serial, Backup: n.Backup}
	if n.Before == nil {
		id := make([]byte, 16)
		_, err := rand.Read(id)
		intent.ID = hex.EncodeToString(id)
		return intent, id, err
	}
	if before := n.Before.Token; before != intent.Token {
		return intent, nil, fault.Errorf(fault.Token, "key %s: generation began on the token with serial %s, but site.yaml names the one with serial %s", n.Name, before, intent.Token).
			Hint("plug in the first token, or close this ceremony, keyrite abort --reason TEXT, and look for the leftover: keyrite key list --token TOKEN")
	}
	intent.ID = n.Before.ID
	id, err := hex.DecodeString(intent.ID)
	if err != nil || len(id) != 16 {
		return intent, nil, fault.Errorf(fault.Unverified, "transcript: the id of key %s is damaged", n.Name)
	}
	return intent, id, nil
}

func (n NewKey) generate(ctx context.Context, r room.Room, token *hsm.Token, id []byte) (*hsm.Key, error) {
	serial := token.Info().Serial
	if n.Consent != nil {
		err := n.Consent(n.Question(serial))
		if err != nil {
			return nil, err
		}
	}
	key, err := token.Generate(ctx, hsm.KeySpec{ID: [16]byte(id), Label: r.Label(n.Name), Type: n.Type, Backup: n.Backup, Unproven: n.Unproven})
	if err != nil {
		return nil, fmt.Errorf("key %s on token %s: %w", n.Name, n.Token.Name, err)
	}
	return key, nil
}

// Question is what the custodian of the token with that serial number is asked
// before the pair is made.
func (n NewKey) Question(serial string) room.Question {
	return room.Question{
		Step: n.Step, Phrase: "generate " + n.Name + " on " + serial,
		What: fmt.Sprintf("Generate %s (%s) on token %s, serial %s. %s", n.Name, n.Type, n.Token.Name, serial, whereItGoes(n.Backup)),
	}
}

// whereItGoes says in a question whether a new key can leave its token.
func whereItGoes(backup bool) string {
	if backup {
		return "The key can leave the token, wrapped under a trusted wrapping key. Mind: " + hsm.BackupWarning + "."
	}
	return "The key can never leave the token."
}

// record writes keys/NAME.yaml, or finds that an attempt before this one has.
func (n NewKey) record(ctx context.Context, r room.Room, log room.Log, token *hsm.Token, key *hsm.Key) (*workspace.KeyRecord, error) {
	record, err := RecordFor(ctx, n.Name, r.Now(), token, key)
	if err == nil {
		record, err = keep(r.Workspace, record)
	}
	if err != nil {
		return nil, fmt.Errorf("token %s now holds the key pair with id %x, but: %w", n.Token.Name, key.ID(), err)
	}
	data, err := record.Encode()
	if err != nil {
		return nil, err
	}
	print := record.Fingerprint()
	r.Prompter.Say("%s", Made(fmt.Sprintf("%x", print), words.Of(print[:8])))
	return record, log.Append(n.Step, transcript.ActorTool, transcript.Generated{
		Key: n.Name, Fingerprint: digest.SHA256(print), Record: digest.Of(data), Evidence: key.Evidence(),
	})
}

// Made shows a new key: its fingerprint, and the first words of it.
func Made(fingerprint, words string) string {
	return fmt.Sprintf("  public key %s\n  words      %s", fingerprint, words)
}

// keep writes a record, or returns the one that is there already, of the same
// key.
func keep(ws *workspace.Workspace, record *workspace.KeyRecord) (*workspace.KeyRecord, error) {
	err := ws.AddKey(record)
	if !errors.Is(err, fs.ErrExist) {
		return record, err
	}
	there, loadErr := ws.Key(record.Name)
	if loadErr != nil {
		return nil, loadErr
	}
	if there.Fingerprint() != record.Fingerprint() {
		return nil, err
	}
	return there, nil
}
