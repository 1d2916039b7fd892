package ceremony

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// recordFor makes the public record of a key on a token: what the token says of
// it, and a proof that the token has it.
func recordFor(ctx context.Context, name string, now time.Time, token *hsm.Token, key *hsm.Key) (*KeyRecord, error) {
	record, err := NewKeyRecord(name, key.Public(), now)
	if err != nil {
		return nil, err
	}
	proof, err := key.Prove(ctx, name, now)
	if err != nil {
		return nil, err
	}
	if err := proof.Verify(name, key.Public()); err != nil {
		return nil, err
	}
	info, evidence := token.Info(), key.Evidence()
	record.Token = &TokenRecord{Label: info.Label, Serial: info.Serial, Model: info.Model, Manufacturer: info.Manufacturer, Firmware: info.Firmware}
	record.Evidence, record.Proof = &evidence, &proof
	return record, nil
}

// KeyRequest says which key pair to generate outside of a ceremony: for an
// online service, or to have a public key before the first plan.
type KeyRequest struct {
	Name  string
	Type  hsm.KeyType // empty: as trust.yaml declares
	Token string      // name in site.yaml; empty: as site.yaml says under keys
}

// GenerateKey makes a key pair on a token and its public record. If that fails
// after the token has made the pair, the error says so.
func GenerateKey(ctx context.Context, ws *Workspace, prompter Prompter, now func() time.Time, request KeyRequest) (*KeyRecord, error) {
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	if !names.MatchString(request.Name) {
		return nil, Errorf(Usage, "key name is %q, %s", request.Name, namesRule)
	}
	if err := request.complete(ws, site); err != nil {
		return nil, err
	}
	if taken, err := ws.Exists(keyPath(request.Name)); err != nil || taken {
		return nil, errors.Join(err, Errorf(Failed, "%s: %w; a key is never generated twice", keyPath(request.Name), fs.ErrExist))
	}
	tokens := newTokenSet(site, prompter)
	record, err := request.generate(ctx, ws, tokens, now)
	return record, errors.Join(err, tokens.Close())
}

// complete fills in what the workspace says of the key.
func (r *KeyRequest) complete(ws *Workspace, site *Site) error {
	if r.Token == "" {
		token, err := site.TokenOf(r.Name)
		if err != nil {
			return err
		}
		r.Token = token.Name
	}
	if r.Type != "" {
		return nil
	}
	trust, err := ws.Trust()
	if err != nil {
		return err
	}
	for _, name := range trust.RepositoryNames() {
		if decl, ok := trust.Repositories[name].Keys[r.Name]; ok && decl.Type != "" {
			r.Type = decl.Type
		}
	}
	if r.Type == "" {
		return Errorf(Usage, "key %s: trust.yaml declares no type for it", r.Name).Hint("give one with --type")
	}
	return nil
}

// generate writes the id of the new pair down before it asks the token: what a
// crash leaves there is found again by it.
func (r *KeyRequest) generate(ctx context.Context, ws *Workspace, tokens *tokenSet, now func() time.Time) (record *KeyRecord, err error) {
	token, err := tokens.get(ctx, r.Token)
	if err != nil {
		return nil, err
	}
	spec := hsm.KeySpec{Label: r.Name, Type: r.Type}
	if _, err := rand.Read(spec.ID[:]); err != nil {
		return nil, err
	}
	act := &custodyAct{Do: "generate", Key: r.Name, Type: string(r.Type), Token: token.Info().Serial, ID: hex.EncodeToString(spec.ID[:])}
	err = keepCustody(ws, tokens.prompter, now, act, func(c *custody) error {
		if err := c.intend(act); err != nil {
			return err
		}
		key, err := token.Generate(ctx, spec)
		if err != nil {
			return fmt.Errorf("key %s on token %s: %w", r.Name, r.Token, err)
		}
		record, err = recordFor(ctx, r.Name, now(), token, key)
		if err == nil {
			err = ws.AddKey(record)
		}
		if err != nil {
			return fmt.Errorf("token %s now holds the key pair with id %x, but: %w", r.Token, spec.ID, err)
		}
		act.Fingerprint = fmt.Sprintf("%x", record.Fingerprint())
		return nil
	})
	return record, err
}

// ImportKey takes in somebody else's public key: a PEM file, or a key record
// with its proof of possession.
func ImportKey(ws *Workspace, name string, data []byte, now time.Time) (*KeyRecord, error) {
	var record *KeyRecord
	if bytes.HasPrefix(data, []byte("-----BEGIN ")) {
		public, err := roles.ParsePEM(data)
		if err != nil {
			return nil, Errorf(Unverified, "key %s: %w", name, err)
		}
		if record, err = NewKeyRecord(name, public, now); err != nil {
			return nil, err
		}
	} else {
		var err error
		if record, err = ParseKeyRecord("imported record", name, data); err != nil {
			return nil, err
		}
	}
	records, err := ws.Keys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for other, r := range records {
		if r.Fingerprint() == record.Fingerprint() {
			return nil, Errorf(Refused, "key %s: the same public key is there already as %s", name, other)
		}
	}
	return record, ws.AddKey(record)
}

// TokenKeys lists the key pairs on a token, after logging in.
func TokenKeys(ctx context.Context, ws *Workspace, prompter Prompter, name string) ([]*hsm.Key, error) {
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	tokens := newTokenSet(site, prompter)
	token, err := tokens.get(ctx, name)
	if err != nil {
		return nil, err
	}
	keys, err := token.Keys(ctx)
	return keys, errors.Join(err, tokens.Close())
}
