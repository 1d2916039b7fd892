package ceremony

import (
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/roles"
)

// desired makes the content that trust.yaml asks for. Whatever trust.yaml does
// not speak of (unknown fields, roles of other servers) is taken over from what
// is signed now.
type desired struct {
	repo   *Repository
	format roles.Format
	ring   *keyring
	images map[string]*Images // by role
	at     time.Time          // when the plan was made
}

// body makes the content of a role's file; version and expiry are the caller's.
// state is what is signed when the file is made: snapshot and timestamp state
// the files that lie there then.
func (d *desired) body(role string, state *signedState) (roles.Body, error) {
	switch roleType(role) {
	case roles.TypeRoot:
		return d.root(state), nil
	case roles.TypeSnapshot:
		return d.snapshot(state), nil
	case roles.TypeTimestamp:
		return d.timestamp(state), nil
	}
	return d.targets(role, state)
}

// signers is who trust.yaml wants to sign a role's file: the role with its
// threshold, and its keys.
func (d *desired) signers(role string) (roles.Role, []roles.Key) {
	names, threshold := d.repo.signers(role)
	keys := d.ring.list(names)
	r := roles.Role{Name: role, Threshold: threshold}
	for _, k := range keys {
		r.KeyIDs = append(r.KeyIDs, k.ID)
	}
	return r, keys
}

// signers names the keys of a top-level or delegated role, and its threshold.
func (r *Repository) signers(role string) (keys []string, threshold int) {
	if decl, ok := r.Roles[role]; ok {
		return decl.Keys, decl.Threshold
	}
	for _, d := range r.Delegations {
		if d.Role == role {
			return d.Keys, d.Threshold
		}
	}
	return nil, 0
}

// order lists the roles in the order in which their files are signed: each
// file states something of the ones before it (TUF 1.0.34 §6.3).
func (r *Repository) order() []string {
	order := []string{"root"}
	for _, d := range r.Delegations {
		order = append(order, d.Role)
	}
	return append(order, "targets", "snapshot", "timestamp")
}

func (d *desired) root(state *signedState) *roles.Root {
	root := roles.NewRoot(d.format)
	if old := state.rootBody(); old != nil {
		root.Extra, root.ConsistentSnapshot = old.Extra, old.ConsistentSnapshot
		root.Keys, root.Roles = slices.Clone(old.Keys), slices.Clone(old.Roles)
	}
	for _, role := range topLevel {
		decl := d.repo.Roles[role]
		root.SetRole(role, decl.Threshold, d.ring.list(decl.Keys))
	}
	return root
}

func (d *desired) targets(role string, state *signedState) (*roles.Targets, error) {
	t, old := &roles.Targets{}, state.targets(role)
	if old != nil {
		t.Extra = old.Extra
	}
	if role == "targets" {
		t.Delegations = d.delegations(old)
	} else if old != nil {
		t.Delegations = old.Delegations
	}
	list := d.images[role]
	if list == nil {
		if old != nil {
			t.Images = old.Images
		}
		return t, nil
	}
	t.Images = make([]roles.Image, 0, len(list.Images))
	for _, image := range list.Images {
		var previous *roles.Image
		if old != nil {
			previous = old.Image(image.Path)
		}
		completed, err := roles.CompleteImage(d.format, image.roles(), previous, d.at)
		if err != nil {
			return nil, err
		}
		t.Images = append(t.Images, completed)
	}
	return t, nil
}

func (d *desired) delegations(old *roles.Targets) *roles.Delegations {
	if len(d.repo.Delegations) == 0 {
		return nil
	}
	delegations := &roles.Delegations{}
	if old != nil && old.Delegations != nil {
		delegations.Extra = old.Delegations.Extra
	}
	for _, decl := range d.repo.Delegations {
		delegations.Add(roles.DelegatedRole{
			Role:        roles.Role{Name: decl.Role, Threshold: decl.Threshold},
			Paths:       decl.Paths,
			Terminating: decl.Terminating,
		}, d.ring.list(decl.Keys))
	}
	return delegations
}

// snapshot states every targets file that somebody delegates to. A name once
// listed stays listed (Uptane Standard 2.1.0 §5.4.4.5, 6), so that no stray file
// may get in.
func (d *desired) snapshot(state *signedState) *roles.Snapshot {
	s := &roles.Snapshot{}
	if old, ok := state.body("snapshot").(*roles.Snapshot); ok {
		s.Extra = old.Extra
		s.Meta = slices.Clone(old.Meta)
	}
	delegated := d.delegated(state)
	for role, file := range state.files {
		i := slices.IndexFunc(s.Meta, func(m roles.Meta) bool { return m.Name == role+".json" })
		if i >= 0 {
			s.Meta[i] = metaOf(role, file)
		} else if slices.Contains(delegated, role) {
			s.Meta = append(s.Meta, metaOf(role, file))
		}
	}
	for i := range s.Meta {
		// Some servers list root, which is kept on import but never added.
		if s.Meta[i].Name == "root.json" {
			s.Meta[i] = roles.Meta{Name: "root.json", Version: state.version("root"), Length: -1}
		}
	}
	slices.SortFunc(s.Meta, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// delegated lists the targets roles: those that trust.yaml declares, and whatever
// the signed files of those delegate to.
func (d *desired) delegated(state *signedState) []string {
	list := []string{"targets"}
	for _, decl := range d.repo.Delegations {
		list = append(list, decl.Role)
	}
	for i := 0; i < len(list); i++ {
		t := state.targets(list[i])
		if t == nil || t.Delegations == nil {
			continue
		}
		for _, role := range t.Delegations.Roles {
			if !slices.Contains(list, role.Name) {
				list = append(list, role.Name)
			}
		}
	}
	return list
}

func (d *desired) timestamp(state *signedState) *roles.Timestamp {
	t := &roles.Timestamp{}
	if old, ok := state.body("timestamp").(*roles.Timestamp); ok {
		t.Extra = old.Extra
	}
	if file := state.files["snapshot"]; file != nil {
		t.Snapshot = metaOf("snapshot", file)
	}
	return t
}

// metaOf states a file with version, length and hashes: every client takes
// them, and the length lifts the clients' own caps.
func metaOf(role string, file *roles.File) roles.Meta {
	return roles.Meta{
		Name:    role + ".json",
		Version: roles.HeadOf(file.Body).Version,
		Length:  int64(len(file.Raw)),
		Hashes:  roles.HashesOf(file.Raw),
	}
}
