package derive

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
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
	record, err := d.Files.Key(key)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Errorf(fault.Usage, "--destroy %s: there is no such key; want one of %s", key, words.List(d.Ring.Recorded())).Suggest(key, d.Ring.Recorded())
	}
	if err != nil {
		return err
	}
	if !d.plan.Room.Holds(key) {
		return fault.Errorf(fault.Usage, "--destroy %s: site.yaml: keys.%s is missing; no token here holds that key", key, key)
	}
	return Untrusted(d.Scene, key, record)
}

// Untrusted refuses a key that trust.yaml names, or that signed metadata of
// another repository lists.
func Untrusted(s *scene.Scene, key string, record *workspace.KeyRecord) error {
	for _, name := range s.Trust.RepositoryNames() {
		repo := s.Trust.Repositories[name]
		if slices.Contains(repo.KeyNames, key) {
			return fault.Errorf(fault.Refused, "--destroy %s: %s trusts it", key, repo.Path("keys", key)).
				Hint("remove the key from trust.yaml first: the same ceremony then signs what no longer lists it")
		}
		if name == s.Repo.Name {
			continue
		}
		if err := unlisted(s.Files, key, record, repo); err != nil {
			return err
		}
	}
	return nil
}

// unlisted refuses a key that the signed metadata of a repository lists.
func unlisted(files workspace.Files, key string, record *workspace.KeyRecord, repo *workspace.Repository) error {
	state, err := signed.Of(files, repo)
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
