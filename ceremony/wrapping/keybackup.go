package wrapping

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
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
func BackupKey(ctx context.Context, r room.Room, name, wrappingKey string) (data []byte, err error) {
	record, err := r.Workspace.Key(name)
	if err != nil {
		return nil, err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	declared, err := site.TokenOf(name)
	if err != nil {
		return nil, err
	}
	if err := leaves(record, declared); err != nil {
		return nil, err
	}
	err = custody.Trace(r, func(log room.Log) error {
		return custody.Use(ctx, r, log, declared, func(token *hsm.Token) (err error) {
			data, err = backUp(ctx, r, log, token, record, declared.Name, wrappingKey)
			return err
		})
	})
	return data, err
}

// leaves refuses a key of which its record says already that it cannot leave its token:
// nobody types a PIN for that.
func leaves(record *workspace.KeyRecord, from workspace.SiteToken) error {
	e := record.Evidence
	switch serial := from.URI.Serial; {
	case e == nil || record.Token == nil:
		return fault.Errorf(fault.Usage, "key %s: by its record no token here made it; there is nothing to back up", record.Name)
	case serial != "" && serial != record.Token.Serial:
		return fault.Errorf(fault.Usage, "key %s: by its record the token with serial %s made it; what token %s has was restored there, and can never leave it", record.Name, record.Token.Serial, from.Name).
			Hint("back up from the token that made it, or keep a copy of the file that it was restored from")
	case !e.Extractable || !e.WrapWithTrusted:
		return fault.Errorf(fault.Usage, "key %s: by its record it was not made to be backed up, and can never leave its token", record.Name).
			Hint("independent keys on separate tokens are the better backup; a key with backup: true in trust.yaml is made for it")
	}
	return nil
}

func backUp(ctx context.Context, r room.Room, log room.Log, token *hsm.Token, record *workspace.KeyRecord, name, wrappingKey string) ([]byte, error) {
	key, err := custody.Find(ctx, token, record, name)
	if err != nil {
		return nil, err
	}
	serial := token.Info().Serial
	what := fmt.Sprintf("Back up %s (%s) from token %s, serial %s, wrapped under %s.\nMind: %s.",
		record.Name, record.Type, name, serial, wrappingKey, hsm.BackupWarning)
	if err := r.Consent(ctx, log, room.Question{What: what, Phrase: "back up " + record.Name + " from " + serial}); err != nil {
		return nil, err
	}
	intent := transcript.BackingUp{
		Key: record.Name, Type: record.Type, Token: serial, ID: hex.EncodeToString(key.ID()),
		WrappingKey: wrappingKey, Fingerprint: digest.SHA256(record.Fingerprint()),
	}
	if err := log.Append(0, transcript.ActorTool, intent); err != nil {
		return nil, err
	}
	wrapped, err := key.Backup(ctx, wrappingKey)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", record.Name, err)
	}
	data, err := strict.Encode(&KeyBackup{Version: 1, Key: record.Name, Token: serial, Wrapped: wrapped})
	if err != nil {
		return nil, err
	}
	return data, log.Append(0, transcript.ActorTool, transcript.BackedUp{Key: record.Name, Backup: digest.Of(data), CheckValue: wrapped.CheckValue})
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
func RestoreKey(ctx context.Context, r room.Room, backup *KeyBackup, onto string) (key *hsm.Key, err error) {
	record, err := r.Workspace.Key(backup.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.Usage, "backup of %s: the workspace has no %s to compare it with", backup.Key, workspace.KeyPath(backup.Key))
	}
	if err != nil {
		return nil, err
	}
	if err := backup.CheckRecord(record); err != nil {
		return nil, err
	}
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	declared, err := site.Token(onto)
	if err != nil {
		return nil, err
	}
	if serial := declared.URI.Serial; serial != "" && serial == backup.Token {
		return nil, fault.Errorf(fault.Usage, "key %s: token %s, serial %s, is the one that it was backed up from; want another", backup.Key, onto, serial)
	}
	err = custody.Trace(r, func(log room.Log) error {
		return custody.Use(ctx, r, log, declared, func(token *hsm.Token) (err error) {
			key, err = backup.restore(ctx, r, log, token, onto)
			return err
		})
	})
	return key, err
}

// CheckRecord makes sure that a backup says it is of the recorded key.
func (b *KeyBackup) CheckRecord(record *workspace.KeyRecord) error {
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

func (b *KeyBackup) restore(ctx context.Context, r room.Room, log room.Log, token *hsm.Token, onto string) (*hsm.Key, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	data, err := strict.Encode(b)
	if err != nil {
		return nil, err
	}
	serial := token.Info().Serial
	what := fmt.Sprintf("Restore %s, which was backed up from the token with serial %s, onto token %s, serial %s.\nIt can never leave that token.", b.Key, b.Token, onto, serial)
	if err := r.Consent(ctx, log, room.Question{What: what, Phrase: "restore " + b.Key + " on " + serial}); err != nil {
		return nil, err
	}
	intent := transcript.Restoring{
		Key: b.Key, Type: b.Wrapped.Type, Token: serial, ID: hex.EncodeToString(id[:]),
		WrappingKey: b.Wrapped.WrappingKey, Backup: digest.Of(data),
	}
	if err := log.Append(0, transcript.ActorTool, intent); err != nil {
		return nil, err
	}
	key, err := token.Restore(ctx, b.Wrapped, id)
	if err != nil {
		return nil, fmt.Errorf("key %s onto token %s: %w", b.Key, onto, err)
	}
	return key, log.Append(0, transcript.ActorTool, transcript.Restored(intent))
}
