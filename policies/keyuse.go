package policies

import "github.com/uptane/keyrite/roles"

// usedKey is one public key and the roles of Next that list it.
type usedKey struct {
	roles.Key
	facts KeyFacts
	known bool  // whether there are facts
	at    place // where it is declared
	roles []*trusted
}

// listKeys returns the different public keys that trusted roles list, in the order
// in which they appear; keys that no client can use are told apart by their id.
func (sh *shared) listKeys() []*usedKey {
	var all []*usedKey
	type identity struct {
		fingerprint roles.Fingerprint
		id          roles.KeyID
	}
	seen := map[identity]*usedKey{}
	for _, t := range sh.declared {
		for _, k := range t.keys {
			id := identity{fingerprint: k.Fingerprint}
			if k.Problem != nil {
				id.id = k.ID
			}
			if seen[id] == nil {
				seen[id] = sh.describe(k, t)
				all = append(all, seen[id])
			}
			seen[id].roles = append(seen[id].roles, t)
		}
	}
	return all
}

func (sh *shared) describe(k roles.Key, t *trusted) *usedKey {
	u := &usedKey{Key: k}
	u.facts, u.known = sh.subject.Keys[k.Fingerprint]
	name := u.facts.Name
	if name == "" {
		name = short(k.ID)
	}
	u.at = place{t.Name, "repositories." + sh.subject.Repository + ".keys." + name}
	return u
}

// keyList is the list of keys of one file.
type keyList struct {
	at   place
	keys []roles.Key
	used map[roles.KeyID]bool
}

// keyLists returns the lists of root and of each file that delegates.
func (sh *shared) keyLists() []keyList {
	var lists []keyList
	for _, f := range sh.allFiles() {
		list := keyList{at: place{f.role, "repositories." + sh.subject.Repository + ".keys"}, used: map[roles.KeyID]bool{}}
		switch body := f.body.(type) {
		case *roles.Root:
			list.keys = body.Keys
			for _, r := range body.Roles {
				list.use(r)
			}
		case *roles.Targets:
			if body.Delegations == nil {
				continue
			}
			list.keys = body.Delegations.Keys
			for _, r := range body.Delegations.Roles {
				list.use(r.Role)
			}
		default:
			continue
		}
		lists = append(lists, list)
	}
	return lists
}

func (l *keyList) use(r roles.Role) {
	for _, id := range r.KeyIDs {
		l.used[id] = true
	}
}
