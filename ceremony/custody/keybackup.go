package custody

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// KeyBackup is a private key that has left its token, wrapped: only a token that
// holds the same wrapping key can read it. It is never kept in the workspace.
type KeyBackup struct {
	strict.Source `yaml:"-"`

	Version int            `yaml:"version"` // of the file format: 1
	Key     string         `yaml:"key"`     // name in the workspace
	Token   string         `yaml:"token"`   // serial of the token that it comes from
	Wrapped hsm.WrappedKey `yaml:"wrapped"`
}

// BackupKey wraps the private key of NAME under a trusted wrapping key of its
// token, after a person has said so in words, and returns the backup's file. A
// key that was not made for it (keys.NAME.backup in trust.yaml) is refused, by
// the token too.
func BackupKey(ctx context.Context, ws *workspace.Workspace, prompter prompt.Prompter, now func() time.Time, name, wrappingKey string) ([]byte, error) {
	record, err := ws.Key(name)
	if err != nil {
		return nil, err
	}
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	tokens := NewTokens(site, prompter)
	data, err := backUp(ctx, ws, tokens, now, record, wrappingKey)
	return data, errors.Join(err, tokens.Close())
}

func backUp(ctx context.Context, ws *workspace.Workspace, tokens *Tokens, now func() time.Time, record *workspace.KeyRecord, wrappingKey string) (data []byte, err error) {
	key, err := tokens.Key(ctx, record.Name, record.PublicKey())
	if err != nil {
		return nil, err
	}
	token, err := tokens.Holding(ctx, record.Name)
	if err != nil {
		return nil, err
	}
	serial := token.Info().Serial
	act := &custodyAct{
		Do: "back-up", Key: record.Name, Type: string(record.Type), Token: serial, ID: hex.EncodeToString(key.ID()),
		WrappingKey: wrappingKey, Fingerprint: fmt.Sprintf("%x", record.Fingerprint()),
	}
	err = keepCustody(ws, tokens.prompter, now, act, func(c *custody) error {
		what := fmt.Sprintf("Back up %s (%s) from token %s, serial %s, wrapped under %s.\nMind: %s.",
			record.Name, record.Type, tokens.site.Keys[record.Name], serial, wrappingKey, hsm.BackupWarning)
		if err := c.consent(ctx, what, "back up "+record.Name+" from "+serial); err != nil {
			return err
		}
		if err := c.intend(act); err != nil {
			return err
		}
		wrapped, err := key.Backup(ctx, wrappingKey)
		if err != nil {
			return fmt.Errorf("key %s: %w", record.Name, err)
		}
		data, err = strict.Encode(&KeyBackup{Version: 1, Key: record.Name, Token: serial, Wrapped: wrapped})
		act.Backup = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	return data, err
}

// ParseKeyBackup reads a backup. Whether it fits its public key only a token can
// tell.
func ParseKeyBackup(file string, data []byte) (*KeyBackup, error) {
	b := new(KeyBackup)
	if err := strict.Decode(file, data, b); err != nil {
		return nil, err
	}
	if b.Version != 1 {
		return nil, b.Errorf(fault.Usage, "version", "is %d, want 1", b.Version)
	}
	if !disk.Names.MatchString(b.Key) {
		return nil, b.Errorf(fault.Usage, "key", "is %q, %s", b.Key, disk.NamesRule)
	}
	return b, nil
}

// RestoreKey puts a backed-up key onto another token, where it signs once before
// anybody relies on it. The backup must be that of the key in keys/NAME.yaml.
func RestoreKey(ctx context.Context, ws *workspace.Workspace, prompter prompt.Prompter, now func() time.Time, backup *KeyBackup, onto string) (*hsm.Key, error) {
	record, err := ws.Key(backup.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.Usage, "backup of %s: the workspace has no %s to compare it with", backup.Key, workspace.KeyPath(backup.Key))
	}
	if err != nil {
		return nil, err
	}
	if err := backup.of(record); err != nil {
		return nil, err
	}
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	tokens := NewTokens(site, prompter)
	key, err := restore(ctx, ws, tokens, now, backup, onto)
	return key, errors.Join(err, tokens.Close())
}

// of makes sure that a backup says it is of the recorded key.
func (b *KeyBackup) of(record *workspace.KeyRecord) error {
	public, err := b.Wrapped.PublicKey()
	if err != nil {
		return b.Errorf(fault.Usage, "wrapped.public", "is not a public key: %w", err)
	}
	other, err := workspace.NewKeyRecord(record.Name, public, record.Created)
	if err != nil {
		return err
	}
	if other.Fingerprint() != record.Fingerprint() {
		return b.Errorf(fault.Unverified, "wrapped.public", "is not the public key in %s", workspace.KeyPath(record.Name))
	}
	return nil
}

func restore(ctx context.Context, ws *workspace.Workspace, tokens *Tokens, now func() time.Time, backup *KeyBackup, onto string) (key *hsm.Key, err error) {
	token, err := tokens.Get(ctx, onto)
	if err != nil {
		return nil, err
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	data, err := strict.Encode(backup)
	if err != nil {
		return nil, err
	}
	serial := token.Info().Serial
	act := &custodyAct{
		Do: "restore", Key: backup.Key, Type: string(backup.Wrapped.Type), Token: serial, ID: hex.EncodeToString(id[:]),
		WrappingKey: backup.Wrapped.WrappingKey, Backup: fmt.Sprintf("%x", sha256.Sum256(data)),
	}
	err = keepCustody(ws, tokens.prompter, now, act, func(c *custody) error {
		what := fmt.Sprintf("Restore %s, which was backed up from the token with serial %s, onto token %s, serial %s.\nIt can never leave that token.", backup.Key, backup.Token, onto, serial)
		if err := c.consent(ctx, what, "restore "+backup.Key+" on "+serial); err != nil {
			return err
		}
		if err := c.intend(act); err != nil {
			return err
		}
		key, err = token.Restore(ctx, backup.Wrapped, id)
		if err != nil {
			return fmt.Errorf("key %s onto token %s: %w", backup.Key, onto, err)
		}
		return nil
	})
	return key, err
}
