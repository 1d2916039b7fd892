package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// mayDestroy refuses to destroy a key that somebody trusts: one that trust.yaml
// names for any repository, and one that a signed root or delegation of another
// repository still lists. Of this repository, the ceremony itself signs what no
// longer lists it before it comes to destruction.
func (d *derivation) mayDestroy(key string) error {
	record, err := d.ws.Key(key)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Errorf(fault.Usage, "--destroy %s: there is no such key; want one of %s", key, words.List(d.desired.Ring.recorded()))
	}
	if err != nil {
		return err
	}
	if _, err := d.site.TokenOf(key); err != nil {
		return fmt.Errorf("--destroy %s: %w", key, err)
	}
	for _, name := range d.trust.RepositoryNames() {
		repo := d.trust.Repositories[name]
		if slices.Contains(repo.KeyNames, key) {
			return fault.Errorf(fault.Refused, "--destroy %s: %s trusts it", key, repo.Path("keys", key)).
				Hint("remove the key from trust.yaml first: the same ceremony then signs what no longer lists it")
		}
		if err := d.unlisted(key, record, repo); err != nil {
			return err
		}
	}
	return nil
}

// unlisted refuses a key that the signed metadata of another repository lists.
func (d *derivation) unlisted(key string, record *workspace.KeyRecord, repo *workspace.Repository) error {
	if repo.Name == d.repo.Name {
		return nil
	}
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return err
	}
	state, err := signed.Load(d.ws, repo.Name, format)
	if err != nil {
		return err
	}
	for role, listed := range state.Keys() {
		if slices.ContainsFunc(listed, func(k roles.Key) bool { return k.Fingerprint == record.Fingerprint() }) {
			return fault.Errorf(fault.Refused, "--destroy %s: the signed %s of repository %s lists it", key, role, repo.Name).
				Hint("sign what no longer lists it first: keyrite plan %s", repo.Name)
		}
	}
	return nil
}
