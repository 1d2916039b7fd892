package drill

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/ceremony/wrapping"
	"github.com/uptane/keyrite/hsm"
)

// memory is a folder that lies in memory, where there is one: what is removed from it
// leaves nothing on a disk.
const memory = "/dev/shm"

// token is the label of the throwaway token onto which wrapped keys come.
const token = "keyrite drill"

// open restores every wrapped key of a backup onto a throwaway token, where each signs
// once, something that is no metadata, and is gone with the token. The real key is then
// in a file for a moment: people say that they want that.
func (d *Drill) open(ctx context.Context, r room.Room, found []*wrapping.KeyBackup, q Request) (err error) {
	if err := sameWrappingKey(found); err != nil {
		return err
	}
	if err := agree(ctx, r, d.Fleet, found); err != nil {
		return err
	}
	dir, err := secretDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	v := &vault{pin: []byte(rand.Text())}
	defer hsm.Wipe(v.pin)
	if v.module, err = module(q.Module, dir); err != nil {
		return err
	}
	if err := v.prepare(ctx, r, found[0].Wrapped, q.Wrapping); err != nil {
		return err
	}
	for _, b := range found {
		if err := v.try(ctx, r.Workspace, b); err != nil {
			return fmt.Errorf("wrapped key %s: %w", b.Key, err)
		}
		d.Opened = append(d.Opened, b.Key)
	}
	return nil
}

// sameWrappingKey refuses keys that are wrapped under different keys: those come one
// after the other, each with its own custodians.
func sameWrappingKey(found []*wrapping.KeyBackup) error {
	for _, b := range found[1:] {
		if b.Wrapped.WrappingKey != found[0].Wrapped.WrappingKey {
			return fault.Errorf(fault.Usage, "%s is wrapped under %s, and %s under %s: a drill opens those of one wrapping key", b.Key, b.Wrapped.WrappingKey, found[0].Key, found[0].Wrapped.WrappingKey).
				Hint("try them on a spare token: keyrite token wrapping-key, then keyrite key restore")
		}
	}
	return nil
}

// agree has a person say that private keys may come into a file.
func agree(ctx context.Context, r room.Room, fleet string, found []*wrapping.KeyBackup) error {
	var keys string
	for _, b := range found {
		keys += " " + b.Key
	}
	what := "Open these wrapped keys of " + fleet + ":" + keys + ".\nMind: they are real. Until the drill has ended they lie in a SoftHSM token, which is a file in memory, under a PIN that nobody knows; " +
		"whoever is root on this machine can read them. Do it on the machine of the ceremonies alone, without a network and without swap."
	return custody.Trace(r, func(log room.Log) error {
		return r.Consent(ctx, log, room.Question{What: what, Phrase: "open the wrapped keys of " + fleet})
	})
}

// secretDir makes a folder for a throwaway token, in memory where that can be.
func secretDir() (string, error) {
	if info, err := os.Stat(memory); err == nil && info.IsDir() {
		if dir, err := os.MkdirTemp(memory, "keyrite-drill-"); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", "keyrite-drill-")
}

func module(path, dir string) (hsm.Module, error) {
	if path == "" {
		var err error
		if path, err = hsm.SoftHSM(); err != nil {
			return hsm.Module{}, err
		}
	}
	return hsm.NewSoftHSMOf(path, dir)
}

// vault is a throwaway token with the wrapping key.
type vault struct {
	module hsm.Module
	pin    []byte // that nobody knows
	info   hsm.TokenInfo
}

// prepare makes the token, and gives it the wrapping key of what the custodians bring.
func (v *vault) prepare(ctx context.Context, r room.Room, w hsm.WrappedKey, request wrapping.WrappingKeyRequest) (err error) {
	if v.info, err = hsm.InitToken(ctx, v.module, hsm.InitTarget{}, token, v.pin, v.pin); err != nil {
		return err
	}
	components, err := request.Read(ctx, r.Prompter)
	defer func() {
		for _, c := range components {
			hsm.Wipe(c)
		}
	}()
	if err != nil {
		return err
	}
	check, err := hsm.ImportWrappingKey(ctx, v.module, v.info.URI(), w.WrappingKey, v.pin, components)
	if err == nil && w.CheckValue != "" && check != w.CheckValue {
		err = fault.Errorf(fault.Unverified, "these components make another wrapping key than %s; got check value %s, want %s", w.WrappingKey, check, w.CheckValue).
			Hint("find the components that belong to this key: a backup that nobody can open is none")
	}
	return err
}

// try restores a key and has it sign once. It must be the one that this workspace has
// under that name, and cannot leave the token again.
func (v *vault) try(ctx context.Context, real *workspace.Workspace, b *wrapping.KeyBackup) (err error) {
	record, err := real.Key(b.Key)
	if err != nil {
		return err
	}
	if err := b.CheckRecord(record); err != nil {
		return err
	}
	t, err := hsm.Open(ctx, v.module, v.info.URI())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if err := t.Login(ctx, v.pin); err != nil {
		return err
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	key, err := t.Restore(ctx, b.Wrapped, id)
	if err != nil {
		return err
	}
	if key.Evidence().Extractable {
		return fault.Errorf(fault.Token, "the restored key could leave its token again")
	}
	print := digest.SHA256(record.Fingerprint())
	_, err = key.Sign(ctx, []byte("keyrite drill, no metadata: "+hex.EncodeToString(print[:]))) // verified under its public key
	return err
}

// wrapped are the wrapped keys that lie in a workspace, by the names of their keys.
func wrapped(ws *workspace.Workspace) (found []*wrapping.KeyBackup, err error) {
	names, err := ws.List(".")
	for _, name := range names {
		if data, err := ws.Read(name, strictBytes); err == nil {
			if b, err := wrapping.ParseKeyBackup(name, data); err == nil {
				found = append(found, b)
			}
		}
	}
	slices.SortFunc(found, func(a, b *wrapping.KeyBackup) int { return cmp.Compare(a.Key, b.Key) })
	return found, err
}
