package rehearse

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// isMetadata says whether an input of the plan is signed.
func (b *builder) isMetadata(input string) bool { return strings.Contains(input, "/metadata/") }

// metadata signs again, by fake keys, what is signed in every repository that the plan
// looks at.
func (b *builder) metadata(ctx context.Context) error {
	trust, err := b.files.Trust()
	if err != nil {
		return err
	}
	for _, name := range trust.RepositoryNames() {
		state, err := signed.Of(b.files, trust.Repositories[name])
		if err != nil {
			return err
		}
		if state.Root() == nil {
			continue
		}
		if err := (&restaging{builder: b, State: state, known: map[roles.KeyID]roles.Key{}}).all(ctx); err != nil {
			return err
		}
	}
	return nil
}

// restaging signs one repository again.
type restaging struct {
	*builder
	*signed.State
	known map[roles.KeyID]roles.Key // real keys
	made  map[string]*roles.File    // by role
}

// all goes in the order in which files state one another (TUF 1.0.34 §6.3).
func (r *restaging) all(ctx context.Context) error {
	r.made = map[string]*roles.File{}
	for i, root := range r.Roots {
		r.learn(root.Body.(*roles.Root).Keys)
		file := path.Join(r.Dir, r.Format.MetadataPath("root", int64(i+1)))
		if err := r.file(ctx, "root", file, root); err != nil {
			return err
		}
	}
	for role := range r.Files {
		if t := r.Targets(role); t != nil && t.Delegations != nil {
			r.learn(t.Delegations.Keys)
		}
	}
	for _, role := range r.order() {
		if err := r.file(ctx, role, r.Paths[role], r.Files[role]); err != nil {
			return err
		}
	}
	return nil
}

// order is that of all roles but root.
func (r *restaging) order() (list []string) {
	for role := range r.Files {
		if role != "snapshot" && role != "timestamp" {
			list = append(list, role)
		}
	}
	slices.Sort(list)
	for _, role := range []string{"snapshot", "timestamp"} {
		if r.Files[role] != nil {
			list = append(list, role)
		}
	}
	return list
}

func (r *restaging) learn(keys []roles.Key) {
	for _, k := range keys {
		r.known[k.ID] = k
	}
}

// file signs one file again: the same content and version, with fake keys in the place
// of real ones, by the fakes of those who signed it.
func (r *restaging) file(ctx context.Context, role, name string, real *roles.File) error {
	by := r.signers(real)
	if err := r.replace(ctx, real.Body); err != nil {
		return err
	}
	head := roles.HeadOf(real.Body)
	if err := roles.MarkFake(real.Body, roles.Fake{Of: r.plan.Ceremony, Expires: head.Expires}); err != nil {
		return err
	}
	head.Expires, head.SpelledExpires = earlier(head.Expires, r.world.Rehearsal.Until), ""
	draft, err := roles.Encode(r.Format, real.Body)
	if err != nil {
		return roles.InFile(name, err)
	}
	data, err := r.forge.sign(ctx, draft, by)
	if err != nil {
		return roles.InFile(name, err)
	}
	if r.made[role], err = roles.Read(r.Format, draft.Type, data); err != nil {
		return roles.InFile(name, err)
	}
	return r.world.Create(name, data)
}

// signers are the keys that signed a file, each once.
func (r *restaging) signers(file *roles.File) (by []roles.Key) {
	for _, s := range file.Signatures {
		k, known := r.known[s.KeyID]
		if known && k.Public != nil && !slices.ContainsFunc(by, func(o roles.Key) bool { return o.Fingerprint == k.Fingerprint }) {
			by = append(by, k)
		}
	}
	return by
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// replace puts fake keys, and the hashes of what they signed, in the place of the real
// ones.
func (r *restaging) replace(ctx context.Context, body roles.Body) (err error) {
	switch b := body.(type) {
	case *roles.Root:
		var ids map[roles.KeyID]roles.KeyID
		if b.Keys, ids, err = r.fakes(ctx, b.Keys); err != nil {
			return err
		}
		for i := range b.Roles {
			rename(b.Roles[i].KeyIDs, ids)
		}
	case *roles.Targets:
		if b.Delegations == nil {
			return nil
		}
		var ids map[roles.KeyID]roles.KeyID
		if b.Delegations.Keys, ids, err = r.fakes(ctx, b.Delegations.Keys); err != nil {
			return err
		}
		for i := range b.Delegations.Roles {
			rename(b.Delegations.Roles[i].KeyIDs, ids)
		}
	case *roles.Snapshot:
		for i := range b.Meta {
			r.restate(&b.Meta[i])
		}
	case *roles.Timestamp:
		r.restate(&b.Snapshot)
	}
	return nil
}

// fakes are the fakes of keys, and the ids by which they are known.
func (r *restaging) fakes(ctx context.Context, real []roles.Key) ([]roles.Key, map[roles.KeyID]roles.KeyID, error) {
	keys, ids := make([]roles.Key, len(real)), map[roles.KeyID]roles.KeyID{}
	for i, k := range real {
		fake, err := r.forge.in(ctx, r.Format, k)
		if err != nil {
			return nil, nil, err
		}
		if keys[i] = k; fake != nil {
			keys[i], ids[k.ID] = *fake, fake.ID
		}
	}
	slices.SortFunc(keys, func(a, b roles.Key) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return keys, ids, nil
}

func rename(list []roles.KeyID, ids map[roles.KeyID]roles.KeyID) {
	for i, id := range list {
		if fake, ok := ids[id]; ok {
			list[i] = fake
		}
	}
}

// restate has a file state another as it is now, no more of it than before.
func (r *restaging) restate(m *roles.Meta) {
	file := r.made[strings.TrimSuffix(m.Name, ".json")]
	if file == nil || roles.HeadOf(file.Body).Version != m.Version {
		return
	}
	now := roles.MetaOf(strings.TrimSuffix(m.Name, ".json"), file)
	if m.Length >= 0 {
		m.Length = now.Length
	}
	if m.Hashes.SHA256 != nil {
		m.Hashes.SHA256 = now.Hashes.SHA256
	}
	if m.Hashes.SHA512 != nil {
		m.Hashes.SHA512 = now.Hashes.SHA512
	}
}
