package plan

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// Notice is what vehicles notice of keys that change, or what a server does when a file
// is published.
type Notice struct {
	Roles  []string `yaml:"roles,flow" json:"roles"`                 // whose keys, or whose images
	Out    []string `yaml:"out,omitempty,flow" json:"out,omitempty"` // names of keys that go
	In     []string `yaml:"in,omitempty,flow" json:"in,omitempty"`   // names of keys that come
	File   string   `yaml:"file" json:"file"`                        // root, or the targets role that delegates
	From   int64    `yaml:"from" json:"from"`                        // the version of it from which on this holds
	Effect Effect   `yaml:"effect" json:"effect"`
}

// Effect is what is noticed or done.
type Effect string

const (
	follows      Effect = "follow the chain of roots"
	unseen       Effect = "see the new root with the next image only"
	forgets      Effect = "forget snapshot and timestamp"
	mayForget    Effect = "differ in what they forget"
	newSigners   Effect = "take targets by the new keys only"
	newSupplier  Effect = "take the delegated file by the new keys only"
	keyServer    Effect = "the key server deletes private keys"
	forgetsAtAll Effect = "aktualizr forgets all but root"
	dropped      Effect = "the server deletes omitted images"
)

// texts say each effect in a sentence. The clauses are those of the design's
// requirements: UPT-011, UPT-042, UPT-051, UPT-054, DBP-020, DBP-036, DBP-053, C8, C9,
// C30.
var texts = map[Effect]string{
	follows:      "every vehicle takes it by the old keys and the new ones, however long it was away, if all roots stay published",
	unseen:       "a vehicle looks at the Image repository only when the Director has something new for it: assign an image, if only a dummy under a new path, to one ECU of each vehicle (Deployment Best Practices, Rotating an Image repository Root key)",
	forgets:      "every vehicle forgets the snapshot and timestamp that it remembers, and takes their versions from 1 on (Uptane Standard 2.1.0 §5.4.4.3, 4)",
	mayForget:    "vehicles differ: by the Standard they forget snapshot and timestamp, many forget only files that the new root's keys did not sign; keep versions rising",
	newSigners:   "vehicles refuse targets signed by the old keys alone: publish both together",
	newSupplier:  "vehicles refuse the role's file without signatures by the new keys, and those that remember its version want a higher one: publish both together",
	keyServer:    "OTA CE's key server deletes the online private keys that the new root does not list",
	forgetsAtAll: "aktualizr forgets all metadata but root, and fetches the rest again",
	dropped:      "OTA CE's server deletes what it stores of the images that targets list no more: keep those that deltas are made from (Deployment Best Practices, Backup and garbage collection)",
}

// Head says from which file on, and which keys change.
func (n Notice) Head() string {
	text := fmt.Sprintf("from %s %d on", n.File, n.From)
	switch {
	case len(n.Out) > 0 && len(n.In) > 0:
		text += fmt.Sprintf(" (%s for %s)", list(n.In), list(n.Out))
	case len(n.In) > 0:
		text += fmt.Sprintf(" (%s added)", list(n.In))
	case len(n.Out) > 0:
		text += fmt.Sprintf(" (%s removed)", list(n.Out))
	}
	return text
}

// Text says what vehicles notice.
func (n Notice) Text() string { return texts[n.Effect] }

// String says both in one line.
func (n Notice) String() string { return n.Head() + ": " + n.Text() }

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
		d.plan.Notices = append(d.plan.Notices, Notice{Roles: []string{"targets"}, File: "targets", From: file.Version, Effect: dropped})
	}
}

func (d *derivation) rootNotices(old, new *roles.Root, version int64) {
	notice := func(effect Effect, of ...string) {
		n := Notice{File: "root", From: version, Effect: effect}
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
	notice(follows, "root")
	whole := d.replacesAll(old, new, "snapshot") && d.replacesAll(old, new, "timestamp")
	if whole {
		notice(forgets, "snapshot", "timestamp")
	} else {
		notice(mayForget, "snapshot", "timestamp")
	}
	notice(newSigners, "targets")
	if !d.Policy.Director() && d.beside() && !d.newImages() {
		notice(unseen, "root", "targets", "snapshot", "timestamp")
	}
	if d.Format == roles.OTACE {
		notice(forgetsAtAll, "root", "targets", "snapshot", "timestamp")
		if d.Signed.Server != "" {
			notice(keyServer, names(roles.From(d.Signed.Server))...)
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
			d.plan.Notices = append(d.plan.Notices, Notice{[]string{before.Name}, out, in, "targets", file.Version, newSupplier})
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
