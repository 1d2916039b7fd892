package authority

import (
	"slices"

	"github.com/uptane/keyrite/roles"
)

// Role is one role: how many of which keys sign for it.
type Role struct {
	Name      string
	Threshold int
	Keys      []roles.Key
}

// Of are the roles of a signed root, and those that its targets delegate to. set holds
// signed files by role.
func Of(set map[string]*roles.File) (list []Role) {
	add := func(role roles.Role, keys []roles.Key) {
		r := Role{Name: role.Name, Threshold: role.Threshold}
		for _, id := range role.KeyIDs {
			if i := slices.IndexFunc(keys, func(k roles.Key) bool { return k.ID == id }); i >= 0 {
				r.Keys = append(r.Keys, keys[i])
			}
		}
		list = append(list, r)
	}
	if file := set["root"]; file != nil {
		root := file.Body.(*roles.Root)
		for _, kind := range roles.TopLevel {
			if role := root.Role(string(kind)); role != nil {
				add(*role, root.Keys)
			}
		}
	}
	if file := set["targets"]; file != nil {
		if d := file.Body.(*roles.Targets).Delegations; d != nil {
			for _, role := range d.Roles {
				add(role.Role, d.Keys)
			}
		}
	}
	return list
}

// Change is who signs for what before and after.
type Change struct {
	Before, After map[string]*roles.File // what is signed, by role
	Name          func(roles.Key) string // what people call a key
	Custodians    map[string]string      // who holds its token, by that name
}

// pair is one role before and after, nil where there is none.
type pair struct {
	name     string
	old, new *Role
}

// pairs are all roles, those that were there first.
func (c *Change) pairs() (list []pair) {
	before, after := Of(c.Before), Of(c.After)
	for i := range before {
		list = append(list, pair{before[i].Name, &before[i], nil})
	}
	for i, r := range after {
		at := slices.IndexFunc(list, func(p pair) bool { return p.name == r.Name })
		if at < 0 {
			at, list = len(list), append(list, pair{name: r.Name})
		}
		list[at].new = &after[i]
	}
	return list
}

// names are those of the keys of a role, in order.
func (c *Change) names(r *Role) (names []string) {
	if r == nil {
		return nil
	}
	for _, k := range r.Keys {
		names = append(names, c.Name(k))
	}
	slices.Sort(names)
	return names
}
