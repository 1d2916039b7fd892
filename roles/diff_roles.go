package roles

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func (d *differ) root(old, new *Root) {
	d.head(&old.Head, &new.Head)
	d.add("consistent_snapshot", "", strconv.FormatBool(old.ConsistentSnapshot), strconv.FormatBool(new.ConsistentSnapshot))
	merge(byImportance(old.Roles), byImportance(new.Roles), compareImportance, func(a, b *Role) {
		d.signers("role", a, b, old.Keys, new.Keys)
	})
	d.unusedKeys(old, new)
}

// byImportance sorts roles as people think of them: root, targets, snapshot,
// timestamp, then the others by name.
func byImportance(roles []Role) []Role {
	return slices.SortedFunc(slices.Values(roles), compareImportance)
}

func compareImportance(a, b Role) int {
	rank := func(r Role) int {
		if i := slices.Index(TopLevel, Type(r.Name)); i >= 0 {
			return i
		}
		return len(TopLevel)
	}
	if c := rank(a) - rank(b); c != 0 {
		return c
	}
	return strings.Compare(a.Name, b.Name)
}

// signers compares who signs for a role, nil where the role does not exist.
func (d *differ) signers(kind string, old, new *Role, oldKeys, newKeys []Key) {
	switch {
	case old == nil:
		d.add(kind, new.Name, "", signersWords(new))
		old = &Role{Name: new.Name}
	case new == nil:
		d.add(kind, old.Name, signersWords(old), "")
		new = &Role{Name: old.Name}
	default:
		d.number("threshold of", new.Name, int64(old.Threshold), int64(new.Threshold))
	}
	d.keys("key of "+kind, new.Name, keysOf(old, oldKeys), keysOf(new, newKeys))
	d.members(new.Name+".", old.Extra, new.Extra)
}

func signersWords(r *Role) string {
	return fmt.Sprintf("threshold %d of %d keys", r.Threshold, len(r.KeyIDs))
}

func keysOf(r *Role, keys []Key) (list []Key) {
	for _, id := range r.KeyIDs {
		i := slices.IndexFunc(keys, func(k Key) bool { return k.ID == id })
		if i < 0 {
			list = append(list, Key{ID: id})
			continue
		}
		list = append(list, keys[i])
	}
	return list
}

// keys compares two sets of keys by their material.
func (d *differ) keys(what, subject string, old, new []Key) {
	for _, k := range old {
		if !slices.ContainsFunc(new, func(n Key) bool { return sameKey(k, n) }) {
			d.add(what, subject, d.keyName(k), "")
		}
	}
	for _, k := range new {
		i := slices.IndexFunc(old, func(o Key) bool { return sameKey(k, o) })
		if i < 0 {
			d.add(what, subject, "", d.keyName(k))
		} else if old[i].ID != k.ID {
			d.add("key id of "+d.keyName(k)+" in", subject, string(old[i].ID), string(k.ID))
		}
	}
}

// sameKey compares key material; a key that cannot be used is its id.
func sameKey(a, b Key) bool {
	if a.Public == nil || b.Public == nil {
		return a.ID == b.ID
	}
	return a.Fingerprint == b.Fingerprint
}

// unusedKeys compares the keys that no role uses.
func (d *differ) unusedKeys(old, new *Root) {
	unused := func(r *Root) (list []Key) {
		for _, k := range r.Keys {
			if !slices.ContainsFunc(r.Roles, func(role Role) bool { return slices.Contains(role.KeyIDs, k.ID) }) {
				list = append(list, k)
			}
		}
		return list
	}
	d.keys("key of no role", "", unused(old), unused(new))
}

// delegations compares the delegated roles by name, then their order.
func (d *differ) delegations(old, new *Delegations) {
	if old.Succinct != nil || new.Succinct != nil {
		d.bins(old, new)
		old, new = old.withoutBins(), new.withoutBins()
	}
	byName := func(a, b DelegatedRole) int { return strings.Compare(a.Name, b.Name) }
	merge(slices.SortedFunc(slices.Values(old.Roles), byName), slices.SortedFunc(slices.Values(new.Roles), byName), byName, func(a, b *DelegatedRole) {
		switch {
		case a == nil:
			d.signers("delegation", nil, &b.Role, nil, new.Keys)
			d.add("paths of", b.Name, "", b.words())
			d.add("terminating", b.Name, "", strconv.FormatBool(b.Terminating))
		case b == nil:
			d.signers("delegation", &a.Role, nil, old.Keys, nil)
			d.add("paths of", a.Name, a.words(), "")
		default:
			d.signers("delegation", &a.Role, &b.Role, old.Keys, new.Keys)
			d.add("paths of", b.Name, a.words(), b.words())
			d.add("terminating", b.Name, strconv.FormatBool(a.Terminating), strconv.FormatBool(b.Terminating))
		}
	})
	d.add("order of delegations", "", order(old, new), order(new, old))
	d.members("delegations.", old.Extra, new.Extra)
}

// bins compares hash bins as one, however many they are.
func (d *differ) bins(old, new *Delegations) {
	var before, after *Role
	var was, is string
	if old.Succinct != nil {
		before, was = &old.Succinct.Role, old.Succinct.words()
	}
	if new.Succinct != nil {
		after, is = &new.Succinct.Role, new.Succinct.words()
	}
	d.add("delegation by hash", "", was, is)
	d.signers("hash bins", before, after, old.Keys, new.Keys)
}

func (d *Delegations) withoutBins() *Delegations {
	if d.Succinct == nil {
		return d
	}
	return &Delegations{Keys: d.Keys, Extra: d.Extra}
}

func (r *DelegatedRole) words() string {
	if r.HashPrefixes != nil {
		return "hash prefixes " + strings.Join(r.HashPrefixes, ", ")
	}
	return strings.Join(r.Paths, ", ")
}

// order lists, in the order of priority, the roles that both have.
func order(d, other *Delegations) string {
	both := make(map[string]bool, len(other.Roles))
	for _, r := range other.Roles {
		both[r.Name] = true
	}
	var names []string
	for _, r := range d.Roles {
		if both[r.Name] {
			names = append(names, r.Name)
		}
	}
	return strings.Join(names, ", ")
}
