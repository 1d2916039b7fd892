package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Desired makes the content that trust.yaml asks for. Whatever trust.yaml does
// not speak of (unknown fields, roles of other servers) is taken over from what
// is signed now.
type Desired struct {
	repo   *workspace.Repository
	Format roles.Format
	Ring   *Keyring
	images map[string]*images.List // by role
	at     time.Time               // when the plan was made
}

// Body makes the content of a role's file; version and expiry are the caller's.
// state is what is signed when the file is made: snapshot and timestamp state
// the files that lie there then.
func (d *Desired) Body(role string, state *signed.State) (roles.Body, error) {
	switch signed.RoleType(role) {
	case roles.TypeRoot:
		return d.root(state), nil
	case roles.TypeSnapshot:
		return d.snapshot(state), nil
	case roles.TypeTimestamp:
		return d.timestamp(state), nil
	}
	return d.targets(role, state)
}

// Signers is who trust.yaml wants to sign a role's file: the role with its
// threshold, and its keys.
func (d *Desired) Signers(role string) (roles.Role, []roles.Key) {
	names, threshold := d.repo.Signers(role)
	keys := d.Ring.list(names)
	r := roles.Role{Name: role, Threshold: threshold}
	for _, k := range keys {
		r.KeyIDs = append(r.KeyIDs, k.ID)
	}
	return r, keys
}

func (d *Desired) root(state *signed.State) *roles.Root {
	root := roles.NewRoot(d.Format)
	if old := state.RootBody(); old != nil {
		root.Extra, root.ConsistentSnapshot = old.Extra, old.ConsistentSnapshot
		root.Keys, root.Roles = slices.Clone(old.Keys), slices.Clone(old.Roles)
	}
	for _, role := range workspace.TopLevel {
		decl := d.repo.Roles[role]
		root.SetRole(role, decl.Threshold, d.Ring.list(decl.Keys))
	}
	return root
}

func (d *Desired) targets(role string, state *signed.State) (*roles.Targets, error) {
	t, old := &roles.Targets{}, state.Targets(role)
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
		completed, err := roles.CompleteImage(d.Format, image.Roles(), previous, d.at)
		if err != nil {
			return nil, err
		}
		t.Images = append(t.Images, completed)
	}
	return t, nil
}

func (d *Desired) delegations(old *roles.Targets) *roles.Delegations {
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
		}, d.Ring.list(decl.Keys))
	}
	return delegations
}

// snapshot states every targets file that somebody delegates to. A name once
// listed stays listed (Uptane Standard 2.1.0 §5.4.4.5, 6), so that no stray file
// may get in.
func (d *Desired) snapshot(state *signed.State) *roles.Snapshot {
	s := &roles.Snapshot{}
	if old, ok := state.Body("snapshot").(*roles.Snapshot); ok {
		s.Extra = old.Extra
		s.Meta = slices.Clone(old.Meta)
	}
	delegated := d.delegated(state)
	for role, file := range state.Files {
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
			s.Meta[i] = roles.Meta{Name: "root.json", Version: state.Version("root"), Length: -1}
		}
	}
	slices.SortFunc(s.Meta, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// delegated lists the targets roles: those that trust.yaml declares, and whatever
// the signed files of those delegate to.
func (d *Desired) delegated(state *signed.State) []string {
	list := []string{"targets"}
	for _, decl := range d.repo.Delegations {
		list = append(list, decl.Role)
	}
	for i := 0; i < len(list); i++ {
		t := state.Targets(list[i])
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

func (d *Desired) timestamp(state *signed.State) *roles.Timestamp {
	t := &roles.Timestamp{}
	if old, ok := state.Body("timestamp").(*roles.Timestamp); ok {
		t.Extra = old.Extra
	}
	if file := state.Files["snapshot"]; file != nil {
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
