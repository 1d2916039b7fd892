package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// generateIntent is durable before the token is asked: after a crash the key
// pair, or the half of one, is found again by this id and by nothing else.
type generateIntent struct {
	Key   string      `json:"key"`
	Type  hsm.KeyType `json:"type"`
	Token string      `json:"token"` // serial
	ID    string      `json:"id"`    // CKA_ID, hexadecimal

	Backup bool `json:"backup,omitempty"` // it can leave the token, wrapped
}

type generateResult struct {
	Key         string       `json:"key"`
	Fingerprint string       `json:"fingerprint"` // SHA-256 of the public key's SPKI DER
	Record      string       `json:"record"`      // SHA-256 of keys/NAME.yaml
	Evidence    hsm.Evidence `json:"evidence"`
}

// generate makes a key pair, reads back what the token says of it, has it prove
// possession, and writes its public record.
func (m *machine) generate(ctx context.Context, s plan.Step) (any, error) {
	token, err := m.tokens.Holding(ctx, s.Key)
	if err != nil {
		return nil, err
	}
	intent, err := m.generateIntent(s, token)
	if err != nil {
		return nil, err
	}
	id, err := hex.DecodeString(intent.ID)
	if err != nil || len(id) != 16 {
		return nil, fault.Errorf(fault.Unverified, "transcript: the id of key %s is damaged", s.Key)
	}
	key, err := m.leftover(ctx, s, token, id)
	if err != nil {
		return nil, err
	}
	if key == nil {
		info := token.Info()
		what := fmt.Sprintf("Generate %s (%s) on token %s, serial %s. %s", s.Key, s.Type, m.site.Keys[s.Key], info.Serial, whereItGoes(s.Backup))
		if err := m.consent(ctx, s, what, "generate "+s.Key+" on "+info.Serial, []string{s.Key}, m.repo.RolesOf(s.Key)); err != nil {
			return nil, err
		}
		if key, err = token.Generate(ctx, hsm.KeySpec{ID: [16]byte(id), Label: s.Key, Type: s.Type, Backup: s.Backup}); err != nil {
			return nil, err
		}
	}
	return m.recordKey(ctx, s, token, key)
}

// whereItGoes says in a question whether a new key can leave its token.
func whereItGoes(backup bool) string {
	if backup {
		return "The key can leave the token, wrapped under a trusted wrapping key. Mind: " + hsm.BackupWarning + "."
	}
	return "The key can never leave the token."
}

// generateIntent returns the intent of a run before this one, or a new one.
func (m *machine) generateIntent(s plan.Step, token *hsm.Token) (intent generateIntent, err error) {
	serial := token.Info().Serial
	if raw, ok := m.intents[s.Step]; ok {
		if err := json.Unmarshal(raw, &intent); err != nil {
			return intent, fault.Errorf(fault.Unverified, "transcript: intent of step %d: %w", s.Step, err)
		}
		if intent.Token != serial {
			return intent, fault.Errorf(fault.Token, "key %s: generation began on the token with serial %s, but site.yaml names the one with serial %s", s.Key, intent.Token, serial).
				Hint("plug in the first token, or close this ceremony with keyrite abort and look for the leftover with keyrite key list")
		}
		return intent, m.intend(s, intent)
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return intent, err
	}
	intent = generateIntent{Key: s.Key, Type: s.Type, Token: serial, ID: hex.EncodeToString(id), Backup: s.Backup}
	return intent, m.intend(s, intent)
}

// leftover finds what an interrupted generation left behind: a whole pair is
// adopted, half of one is destroyed after consent.
func (m *machine) leftover(ctx context.Context, s plan.Step, token *hsm.Token, id []byte) (*hsm.Key, error) {
	found, err := token.FindID(ctx, id)
	if err != nil || found.Empty() {
		return nil, err
	}
	if found.Key != nil {
		m.Prompter.Say("Key %s is on the token already, from the run that was interrupted: it is taken as it is.", s.Key)
		return found.Key, m.transcript.Append(s.Step, transcript.ActorTool, transcript.EventNote, transcript.NoteData{Text: "adopted the key pair that an interrupted run generated, by its id"})
	}
	return nil, m.destroyHalf(ctx, s, token, id)
}

// destroyHalf destroys the half of a key pair that an interrupted run left, after
// consent.
func (m *machine) destroyHalf(ctx context.Context, s plan.Step, token *hsm.Token, id []byte) error {
	serial := token.Info().Serial
	what := fmt.Sprintf("An interrupted run left half a key pair (%s, id %x) on token %s. It cannot sign and can be destroyed.", s.Key, id, m.site.Keys[s.Key])
	if err := m.consent(ctx, s, what, "destroy the half of "+s.Key+" on "+serial, []string{s.Key}, m.repo.RolesOf(s.Key)); err != nil {
		return err
	}
	if err := token.Destroy(ctx, id); err != nil {
		return err
	}
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.EventNote, transcript.NoteData{Text: "destroyed the half key pair that an interrupted run left"})
}

// recordKey writes keys/NAME.yaml, or finds that a run before this one has.
func (m *machine) recordKey(ctx context.Context, s plan.Step, token *hsm.Token, key *hsm.Key) (any, error) {
	record, err := custody.RecordFor(ctx, s.Key, m.Now(), token, key)
	if err != nil {
		return nil, err
	}
	data, err := record.Encode()
	if err != nil {
		return nil, err
	}
	err = m.Workspace.Create(workspace.KeyPath(s.Key), data)
	if errors.Is(err, fs.ErrExist) {
		there, loadErr := m.Workspace.Key(s.Key)
		if loadErr != nil {
			return nil, loadErr
		}
		if there.Fingerprint() != record.Fingerprint() {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	sum, err := workspace.HashFile(m.Workspace, workspace.KeyPath(s.Key))
	if err != nil {
		return nil, err
	}
	print := record.Fingerprint()
	m.Prompter.Say("  public key %x\n  words      %s", print, words.Of(print[:8]))
	return generateResult{Key: s.Key, Fingerprint: hex.EncodeToString(print[:]), Record: sum, Evidence: key.Evidence()}, nil
}

func (m *machine) recheckKey(s plan.Step, raw json.RawMessage) error {
	var result generateResult
	if err := json.Unmarshal(raw, &result); err != nil {
		return fault.Errorf(fault.Unverified, "transcript: result of step %d: %w", s.Step, err)
	}
	return m.unchanged(workspace.KeyPath(s.Key), result.Record)
}
