package policies

import (
	"fmt"
	"sync"

	"github.com/uptane/keyrite/roles"
)

// trusted is one role that Next trusts: a top-level one, or a delegated one at
// any depth.
type trusted struct {
	*roles.Role
	kind       string // root, targets, snapshot, timestamp or delegated
	keys       []roles.Key
	missing    []roles.KeyID // listed, but there is no such key
	path       string        // in trust.yaml
	depth      int           // 0 for top-level roles, 1 below targets
	order      int           // of a search: which role is asked first
	delegation *roles.DelegatedRole
	bin        int      // among the hash bins of an entry, which are judged as one (TAP 15): from 1; 0 for none
	parent     *trusted // the role that delegates; nil for top-level roles
}

// shared is what several checks look at, made once for each subject.
type shared struct {
	subject  *Subject
	trusted  []*trusted
	declared []*trusted // the same, but of hash bins the first for all of them
	byName   map[string]*trusted
	count    int                // of delegations
	beyond   *place             // of delegations that are too many or too deep to be looked at; nil for none
	keys     func() []*usedKey  // made on demand
	images   func() *imageTable // made on demand
	signed   func() []file      // of delegated roles, made on demand
}

func share(s *Subject) *shared {
	sh := &shared{subject: s, byName: map[string]*trusted{}}
	sh.keys, sh.images, sh.signed = sync.OnceValue(sh.listKeys), sync.OnceValue(sh.listImages), sync.OnceValue(sh.listDelegated)
	prefix := "repositories." + s.Repository
	if root := s.Next.Root; root != nil {
		for _, name := range roleNames[:4] {
			if r := root.Role(name); r != nil {
				sh.add(&trusted{Role: r, kind: name, path: prefix + ".roles." + name}, byID(root.Keys))
			}
		}
	}
	if t := s.Next.Targets; t != nil {
		sh.delegate(t, sh.role("targets"), prefix, map[*roles.Targets]bool{})
	}
	return sh
}

func byID(keys []roles.Key) map[roles.KeyID]roles.Key {
	index := make(map[roles.KeyID]roles.Key, len(keys))
	for _, k := range keys {
		index[k.ID] = k
	}
	return index
}

func (sh *shared) add(t *trusted, keys map[roles.KeyID]roles.Key) {
	for _, id := range t.KeyIDs {
		if k, ok := keys[id]; ok {
			t.keys = append(t.keys, k)
		} else {
			t.missing = append(t.missing, id)
		}
	}
	t.order = len(sh.trusted)
	sh.trusted = append(sh.trusted, t)
	if t.bin <= 1 {
		sh.declared = append(sh.declared, t)
	}
	if other := sh.byName[t.Name]; other == nil || t.depth < other.depth {
		sh.byName[t.Name] = t // no supplier takes another's name from it
	}
}

// delegate adds the roles that a targets file delegates to, in pre-order (TUF
// 1.0.34 §5.6.7), as far as anybody would verify them.
func (sh *shared) delegate(file *roles.Targets, by *trusted, path string, visited map[*roles.Targets]bool) {
	if file == nil || file.Delegations == nil || visited[file] {
		return
	}
	visited[file] = true
	keys, name, depth := byID(file.Delegations.Keys), "targets", 1
	if by != nil {
		name, depth = by.Name, by.depth+1
	}
	if sh.count += len(file.Delegations.Roles); depth > roles.MaxLevels || sh.count > roles.MaxDelegations {
		sh.beyond = &place{name, path + ".delegations"}
		return
	}
	for i := range file.Delegations.Roles {
		d := &file.Delegations.Roles[i]
		t := &trusted{Role: &d.Role, kind: "delegated", path: fmt.Sprintf("%s.delegations[%d]", path, i), depth: depth, delegation: d, parent: by}
		if file.Delegations.Succinct != nil {
			t.bin = i + 1
		}
		sh.add(t, keys)
		sh.delegate(sh.subject.Next.Delegated[d.Name], t, t.path, visited)
	}
}

// role returns the trusted role of a name, the highest and first in a search if
// there are several, nil if there is none.
func (sh *shared) role(name string) *trusted { return sh.byName[name] }

// of returns the trusted roles of a kind.
func (sh *shared) of(kind string) []*trusted {
	var found []*trusted
	for _, t := range sh.declared {
		if t.kind == kind {
			found = append(found, t)
		}
	}
	return found
}

// statedBy is the role whose file says who signs for this one.
func (t *trusted) statedBy() string {
	switch {
	case t.delegation == nil:
		return "root"
	case t.parent == nil:
		return "targets"
	}
	return t.parent.Name
}

// distinct counts the different public keys of a role (Uptane Standard 2.1.0
// §5.4.4.3). A key that no client can use does not count.
func (t *trusted) distinct() int {
	seen := map[roles.Fingerprint]bool{}
	for _, k := range t.keys {
		if k.Problem == nil {
			seen[k.Fingerprint] = true
		}
	}
	return len(seen)
}

// at is the place of a field of the role.
func (t *trusted) at(field string) place { return place{t.Name, t.path + "." + field} }
