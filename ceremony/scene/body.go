package scene

import (
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Body makes the content that trust.yaml asks for of a role's file, as of this
// scene, once; version and expiry are the caller's. Whatever trust.yaml does not
// speak of (unknown fields, roles of other servers) is taken over from what is
// signed now.
func (s *Scene) Body(role string) (roles.Body, error) {
	if done := s.bodies[role]; done != nil {
		return done, nil
	}
	var body roles.Body
	var err error
	switch signed.RoleType(role) {
	case roles.TypeRoot:
		body = s.root()
	case roles.TypeSnapshot:
		body = s.Snapshot(nil)
	case roles.TypeTimestamp:
		body = s.Timestamp()
	default:
		body, err = s.targets(role)
	}
	if err != nil {
		return nil, err
	}
	s.bodies[role] = body
	return body, nil
}

// Signers is who trust.yaml wants to sign a role's file: the role with its
// threshold, and its keys.
func (s *Scene) Signers(role string) (roles.Role, []roles.Key) {
	names, threshold := s.Repo.Signers(role)
	keys := s.keys(role, names)
	r := roles.Role{Name: role, Threshold: threshold}
	for _, k := range keys {
		r.KeyIDs = append(r.KeyIDs, k.ID)
	}
	return r, keys
}

func (s *Scene) root() *roles.Root {
	root := roles.NewRoot(s.Format)
	if old := s.Signed.RootBody(); old != nil {
		root.Extra, root.ConsistentSnapshot = old.Extra, old.ConsistentSnapshot
		root.Keys, root.Roles = slices.Clone(old.Keys), slices.Clone(old.Roles)
	}
	for _, role := range workspace.TopLevel {
		decl := s.Repo.Roles[role]
		keys, threshold := s.keys(role, decl.Keys), decl.Threshold
		if o, kept := s.overlaps[role]; kept {
			keys, threshold = append(keys, o.keys...), min(threshold, o.threshold)
		}
		root.SetRole(role, threshold, keys)
	}
	return root
}

func (s *Scene) targets(role string) (*roles.Targets, error) {
	t, old := &roles.Targets{}, s.Signed.Targets(role)
	if old != nil {
		t.Extra, t.Images = old.Extra, old.Images
	}
	if role == "targets" && !HasBins(old) {
		t.Delegations = s.delegations(old)
	} else if old != nil {
		t.Delegations = old.Delegations
	}
	if s.images[role] == nil {
		return t, nil
	}
	var err error
	t.Images, err = s.list(role, old)
	return t, err
}

// HasBins says whether a file delegates to hash bins in one entry (TAP 15), which
// nothing in trust.yaml can say: they stay, and the file is not signed here.
func HasBins(t *roles.Targets) bool {
	return t != nil && t.Delegations != nil && t.Delegations.Succinct != nil
}

// list makes the images of a targets role, once.
func (s *Scene) list(role string, old *roles.Targets) ([]roles.Image, error) {
	if done, ok := s.listed[role]; ok {
		return done, nil
	}
	list := s.images[role]
	made := make([]roles.Image, 0, len(list.Images))
	var before []roles.Image // those of the signed file that are not behind the next one; both ascend
	if old != nil {
		before = old.Images
	}
	for i := range list.Images {
		image := list.Images[i].Roles()
		for len(before) > 0 && before[0].Path < image.Path {
			before = before[1:]
		}
		var previous *roles.Image
		if len(before) > 0 && before[0].Path == image.Path {
			previous = &before[0]
		}
		completed, err := roles.CompleteImage(s.Format, image, previous, s.At)
		if err != nil {
			return nil, err
		}
		made = append(made, completed)
	}
	s.listed[role] = made
	return made, nil
}

func (s *Scene) delegations(old *roles.Targets) *roles.Delegations {
	delegations := &roles.Delegations{}
	if old != nil && old.Delegations != nil {
		delegations.Extra, delegations.Keys = old.Delegations.Extra, old.Delegations.Unlisted()
	}
	if len(s.Repo.Delegations)+len(delegations.Extra) == 0 {
		return nil
	}
	for _, decl := range s.Repo.Delegations {
		role := roles.DelegatedRole{
			Role:         roles.Role{Name: decl.Role, Threshold: decl.Threshold},
			Paths:        decl.Paths,
			HashPrefixes: decl.HashPrefixes,
			Terminating:  decl.Terminating,
		}
		if old != nil && old.Delegations != nil {
			role.Extra = old.Delegations.ExtraOf(decl.Role)
		}
		delegations.Add(role, s.keys(decl.Role, decl.Keys))
	}
	return delegations
}

// Snapshot states every targets file that somebody delegates to. A name once
// listed stays listed (Uptane Standard 2.1.0 §5.4.4.5, 6), so that no stray file
// may get in.
// Files that are yet to be signed are stated by version alone.
func (s *Scene) Snapshot(planned []Next) *roles.Snapshot {
	snapshot := &roles.Snapshot{}
	if old, ok := s.Signed.Body("snapshot").(*roles.Snapshot); ok {
		snapshot.Extra = old.Extra
		snapshot.Meta = slices.Clone(old.Meta)
	}
	place := map[string]int{}
	for i, meta := range snapshot.Meta {
		place[meta.Name] = i
	}
	delegated := s.Delegated()
	state := func(meta roles.Meta, may bool) {
		if i, listed := place[meta.Name]; listed {
			snapshot.Meta[i] = meta
		} else if may {
			place[meta.Name] = len(snapshot.Meta)
			snapshot.Meta = append(snapshot.Meta, meta)
		}
	}
	replaced := map[string]bool{}
	for _, file := range planned {
		replaced[file.Role] = true
		state(roles.Meta{Name: file.Role + ".json", Version: file.Version, Length: -1}, signed.RoleType(file.Role) == roles.TypeTargets)
	}
	for role, file := range s.Signed.Files {
		if !replaced[role] {
			state(roles.MetaOf(role, file), delegated[role])
		}
	}
	if i, listed := place["root.json"]; listed && !replaced["root"] { // by some servers: kept on import, never added
		snapshot.Meta[i] = roles.Meta{Name: "root.json", Version: s.Signed.Version("root"), Length: -1}
	}
	slices.SortFunc(snapshot.Meta, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
	return snapshot
}

// Delegated are the targets roles: those that trust.yaml declares, and whatever
// the signed files of those delegate to.
func (s *Scene) Delegated() map[string]bool {
	found, queue := map[string]bool{"targets": true}, []string{"targets"}
	add := func(role string) {
		if !found[role] {
			found[role], queue = true, append(queue, role)
		}
	}
	for _, decl := range s.Repo.Delegations {
		add(decl.Role)
	}
	for len(queue) > 0 {
		t := s.Signed.Targets(queue[0])
		queue = queue[1:]
		if t == nil || t.Delegations == nil {
			continue
		}
		for _, role := range t.Delegations.Roles {
			add(role.Name)
		}
	}
	return found
}

func (s *Scene) Timestamp() *roles.Timestamp {
	t := &roles.Timestamp{}
	if old, ok := s.Signed.Body("timestamp").(*roles.Timestamp); ok {
		t.Extra = old.Extra
	}
	if file := s.Signed.Files["snapshot"]; file != nil {
		t.Snapshot = roles.MetaOf("snapshot", file)
	}
	return t
}
