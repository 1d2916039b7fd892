package derive

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// notices says what every vehicle will notice of the keys that this plan changes, and
// what the server does with images.
func (d *derivation) notices() error {
	old := d.Signed.RootBody()
	if root, planned := d.plan.File("root"); planned && old != nil {
		body, err := d.Body("root")
		if err != nil {
			return err
		}
		d.rootNotices(old, body.(*roles.Root), root.Version)
	}
	d.imageNotice()
	return d.delegationNotices()
}

// imageNotice says that images which are listed no more are lost on the server.
func (d *derivation) imageNotice() {
	file, planned := d.plan.File("targets")
	omitted := func(c roles.Change) bool { return c.Role == "targets" && c.What == "image" && c.New == "" }
	if planned && d.Format == roles.OTACE && !d.Policy.Director() && slices.ContainsFunc(d.all, omitted) {
		d.plan.Notices = append(d.plan.Notices, plan.Notice{Roles: []string{"targets"}, File: "targets", From: file.Version, Effect: plan.ImagesDropped})
	}
}

func (d *derivation) rootNotices(old, new *roles.Root, version int64) {
	notice := func(effect plan.Effect, of ...string) {
		n := plan.Notice{File: "root", From: version, Effect: effect}
		for _, role := range of {
			out, in := d.differ(keysIn(old.Keys, old.Role(role)), keysIn(new.Keys, new.Role(role)))
			if out != nil || in != nil {
				n.Roles = append(n.Roles, role)
				n.Out, n.In = unite(n.Out, out), unite(n.In, in)
			}
		}
		if n.Roles != nil {
			d.plan.Notices = append(d.plan.Notices, n)
		}
	}
	notice(plan.Follows, "root")
	whole := d.replacesAll(old, new, "snapshot") && d.replacesAll(old, new, "timestamp")
	if whole {
		notice(plan.Forgets, "snapshot", "timestamp")
	} else {
		notice(plan.MayForget, "snapshot", "timestamp")
	}
	notice(plan.NewSigners, "targets")
	if !d.Policy.Director() && d.beside() && !d.newImages() {
		notice(plan.Unseen, "root", "targets", "snapshot", "timestamp")
	}
	if d.Format == roles.OTACE {
		notice(plan.ForgetsAtAll, "root", "targets", "snapshot", "timestamp")
		if d.Signed.Server != "" {
			notice(plan.KeyServer, names(roles.From(d.Signed.Server))...)
		}
	}
}

func (d *derivation) delegationNotices() error {
	file, planned := d.plan.File("targets")
	old := d.Signed.Targets("targets")
	if !planned || old == nil || old.Delegations == nil {
		return nil
	}
	body, err := d.Body("targets")
	if err != nil {
		return err
	}
	new := body.(*roles.Targets).Delegations
	for _, before := range old.Delegations.Roles {
		after := roleIn(new, before.Name)
		if after == nil {
			continue
		}
		out, in := d.differ(keysIn(old.Delegations.Keys, &before.Role), keysIn(new.Keys, &after.Role))
		if out != nil || in != nil {
			d.plan.Notices = append(d.plan.Notices, plan.Notice{Roles: []string{before.Name}, Out: out, In: in, File: "targets", From: file.Version, Effect: plan.NewSupplier})
		}
	}
	return nil
}

func roleIn(d *roles.Delegations, name string) *roles.DelegatedRole {
	if d == nil {
		return nil
	}
	i := slices.IndexFunc(d.Roles, func(r roles.DelegatedRole) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Roles[i]
}

func keysIn(keys []roles.Key, role *roles.Role) []roles.Key { return scene.WithIDs(keys, role.KeyIDs) }

// differ names the keys that go and those that come.
func (d *derivation) differ(old, new []roles.Key) (out, in []string) {
	return d.without(old, new), d.without(new, old)
}

func (d *derivation) without(keys, others []roles.Key) (names []string) {
	for _, k := range keys {
		if !slices.ContainsFunc(others, func(o roles.Key) bool { return o.Fingerprint == k.Fingerprint }) {
			names = append(names, d.Ring.Name(k))
		}
	}
	return names
}

func unite(a, b []string) []string {
	for _, name := range b {
		if !slices.Contains(a, name) {
			a = append(a, name)
		}
	}
	return a
}

// replacesAll says whether a role keeps none of its keys.
func (d *derivation) replacesAll(old, new *roles.Root, role string) bool {
	before, after := keysIn(old.Keys, old.Role(role)), keysIn(new.Keys, new.Role(role))
	return len(d.without(before, after)) == len(before)
}

// beside says whether the fleet has a Director beside this repository.
func (d *derivation) beside() bool {
	for _, other := range d.Trust.Repositories {
		if policy, err := other.LoadPolicy(d.Files); err == nil && other.Name != d.Repo.Name && policy.Director() {
			return true
		}
	}
	return false
}

// newImages says whether the plan lists images that are not signed yet.
func (d *derivation) newImages() bool {
	return slices.ContainsFunc(d.all, func(c roles.Change) bool {
		return signed.RoleType(c.Role) == roles.TypeTargets && c.What == "image" && c.New != ""
	})
}

func names(types []roles.Type) (list []string) {
	for _, t := range types {
		list = append(list, string(t))
	}
	return list
}
