package policies

import "github.com/uptane/keyrite/roles"

// usedKey is one public key and the roles of Next that list it.
type usedKey struct {
	roles.Key
	facts KeyFacts
	known bool // whether there are facts
	name  string
	at    place // where it is declared
	roles []*trusted
}

// keys returns the different public keys that trusted roles list, in the order
// in which they appear; keys that no client can use are told apart by their id.
func (e *exam) keys() []*usedKey {
	if e.used != nil {
		return e.used
	}
	type identity struct {
		fingerprint roles.Fingerprint
		id          roles.KeyID
	}
	seen := map[identity]*usedKey{}
	for _, t := range e.trusted {
		for _, k := range t.keys {
			id := identity{fingerprint: k.Fingerprint}
			if k.Problem != nil {
				id.id = k.ID
			}
			if seen[id] == nil {
				seen[id] = e.describe(k, t)
				e.used = append(e.used, seen[id])
			}
			seen[id].roles = append(seen[id].roles, t)
		}
	}
	return e.used
}

func (e *exam) describe(k roles.Key, t *trusted) *usedKey {
	u := &usedKey{Key: k}
	u.facts, u.known = e.Keys[k.Fingerprint]
	u.name = u.facts.Name
	if u.name == "" {
		u.name = string(k.ID[:min(12, len(k.ID))])
	}
	u.at = place{t.Name, "repositories." + e.Repository + ".keys." + u.name}
	return u
}
