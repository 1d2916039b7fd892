package custody

import (
	"context"
	"errors"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// KeyRequest says which key pair to generate outside of a ceremony: for an
// online service, or to have a public key before the first plan.
type KeyRequest struct {
	Name  string
	Type  hsm.KeyType // empty: as trust.yaml declares
	Token string      // name in site.yaml; empty: as site.yaml says under keys

	backup, unproven bool // as trust.yaml and the policies of its roles say
}

// GenerateKey makes a key pair on a token and its public record. If that fails
// after the token has made the pair, the error says so; the next attempt under
// the same name finds it.
func GenerateKey(ctx context.Context, r room.Room, request KeyRequest) (record *workspace.KeyRecord, err error) {
	site, err := r.Workspace.Site()
	if err != nil {
		return nil, err
	}
	if !disk.Names.MatchString(request.Name) {
		return nil, fault.Errorf(fault.Usage, "key name is %q, %s", request.Name, disk.NamesRule)
	}
	token, err := request.token(site)
	if err != nil {
		return nil, err
	}
	if err := request.complete(r.Workspace); err != nil {
		return nil, err
	}
	path := workspace.KeyPath(request.Name)
	if taken, err := r.Workspace.Exists(path); err != nil || taken {
		return nil, errors.Join(err, fault.Errorf(fault.Failed, "%s: %w; a key is never generated twice", path, fs.ErrExist))
	}
	err = trace(r, func(log *log) error {
		events, err := log.events()
		if err != nil {
			return err
		}
		n := NewKey{
			Name: request.Name, Type: request.Type, Token: token,
			Backup: request.backup, Unproven: request.unproven, Before: begun(events, request.Name),
		}
		record, err = n.Make(ctx, r, log)
		return err
	})
	return record, err
}

// token is where the key is to be made.
func (r *KeyRequest) token(site *workspace.Site) (workspace.SiteToken, error) {
	if r.Token == "" {
		return site.TokenOf(r.Name)
	}
	return site.Token(r.Token)
}

// complete fills in what trust.yaml declares.
func (r *KeyRequest) complete(ws *workspace.Workspace) error {
	trust, err := ws.Trust()
	if err != nil {
		return err
	}
	declared, evidence := false, false
	for _, name := range trust.RepositoryNames() {
		repo := trust.Repositories[name]
		if _, there := repo.Keys[r.Name]; !there {
			continue
		}
		policy, err := repo.LoadPolicy(ws.View)
		if err != nil {
			return err
		}
		if err := r.as(repo); err != nil {
			return err
		}
		declared, evidence = true, evidence || repo.WantsEvidence(policy, r.Name)
	}
	r.unproven = declared && !evidence
	if r.Type == "" {
		return fault.Errorf(fault.Usage, "key %s: trust.yaml declares no type for it", r.Name).Suggest(r.Name, trust.KeyNames()).Hint("give one with --type, such as ed25519")
	}
	return nil
}

// as takes over what a repository declares of the key, and refuses another type: such
// a key could never be what trust.yaml means.
func (r *KeyRequest) as(repo *workspace.Repository) error {
	decl := repo.Keys[r.Name]
	if r.Type != "" && decl.Type != "" && r.Type != decl.Type {
		return repo.Trust().Errorf(fault.Usage, repo.Path("keys", r.Name, "type"), "is %s, but a key of type %s is asked for", decl.Type, r.Type).
			Hint("leave --type out, or give the key another name")
	}
	if decl.Type != "" {
		r.Type = decl.Type
	}
	r.backup = r.backup || decl.Backup
	return nil
}

// begun is the newest generation of a key that did not come to its end.
func begun(events []transcript.Event, name string) *transcript.Generating {
	var open *transcript.Generating
	for _, e := range events {
		switch d := e.Data.(type) {
		case transcript.Generating:
			if d.Key == name {
				open = &d
			}
		case transcript.Generated:
			if d.Key == name {
				open = nil
			}
		}
	}
	return open
}
