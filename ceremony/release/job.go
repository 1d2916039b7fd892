package release

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// job is one release, once all is known that can be known before anything is locked:
// what is declared, and the images, which were read.
type job struct {
	*Releaser
	q     Request
	repo  *workspace.Repository
	site  *workspace.Site
	files *images.Files
	given *images.List
	lock  *workspace.Lock
}

// begin finds out whether the release may be, reads the images and takes the lock.
func (r *Releaser) begin(ctx context.Context, q Request) (*job, error) {
	j := &job{Releaser: r, q: q}
	for _, check := range []func() error{j.outFree, j.declared, j.mayRelease, j.pins} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	lock, err := r.Workspace.WaitLock(ctx, j.repo.Name, q.Wait, func() {
		r.Prompter.Say("Waiting for another keyrite that is at work on repository %s.", j.repo.Name)
	})
	if err != nil {
		return nil, errors.Join(err, j.files.Close())
	}
	j.lock = lock
	return j, nil
}

func (j *job) close() error { return errors.Join(j.lock.Close(), j.files.Close()) }

// outFree refuses a bundle that is there, before the long part.
func (j *job) outFree() error {
	if j.q.Out == "" {
		return nil
	}
	if _, err := os.Lstat(j.q.Out); err == nil {
		return fault.Errorf(fault.Failed, "%s: %w; nothing is ever overwritten", j.q.Out, os.ErrExist)
	}
	return nil
}

// declared reads trust.yaml and site.yaml.
func (j *job) declared() (err error) {
	if j.site, err = j.Workspace.Site(); err != nil {
		return err
	}
	if want := j.q.RoomSHA256; !want.IsZero() && want != j.site.SHA256() {
		return fault.Errorf(fault.Unverified, "site.yaml is not the one that was reviewed; got SHA-256 %s, want %s", j.site.SHA256(), want)
	}
	trust, err := j.Workspace.Trust()
	if err != nil {
		return err
	}
	if j.q.Repository != "" {
		j.repo, err = trust.Repository(j.q.Repository)
		return err
	}
	var having, all []string
	for _, name := range trust.RepositoryNames() {
		all = append(all, trust.Repositories[name].Order()...)
		if slices.Contains(trust.Repositories[name].Order(), j.q.Role) {
			having, j.repo = append(having, name), trust.Repositories[name]
		}
	}
	switch len(having) {
	case 0:
		return fault.Errorf(fault.Refused, "role is %q, which no repository in trust.yaml has", words.Line(j.q.Role)).Suggest(j.q.Role, all)
	case 1:
		return nil
	}
	return fault.Errorf(fault.Usage, "role %s is in the repositories %s", j.q.Role, words.List(having)).Hint("name one: --repository %s", having[0])
}

// pins refuses a release of which a token's PIN cannot be had, before anything begins.
func (j *job) pins() error {
	for _, name := range j.tokens() {
		token, err := j.site.Token(name)
		if err != nil {
			return err
		}
		pin, err := token.PIN.Read(func() ([]byte, error) { return nil, errors.New("it is asked for") })
		if err != nil {
			return fault.Errorf(fault.Token, "the PIN of token %s cannot be had: %w", name, err)
		}
		hsm.Wipe(pin)
	}
	return nil
}

// tokens are those that may sign what a release signs.
func (j *job) tokens() (names []string) {
	for _, role := range j.repo.Order() {
		keys, _ := j.repo.Signers(role)
		for _, key := range keys {
			if j.signs(role) && j.unattended(key, role) {
				names = append(names, j.site.Keys[key])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// read hashes the images. They are always read: what a memory says is never signed.
func (j *job) read(ctx context.Context) (err error) {
	if j.files, err = images.Find(j.q.Images, strings.Trim(j.q.Under, "/")); err != nil {
		return err
	}
	if j.given, err = j.files.Hash(ctx, nil, j.Progress); err != nil {
		return errors.Join(err, j.files.Close())
	}
	return nil
}
