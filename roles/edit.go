package roles

import (
	"slices"
	"strings"
	"time"
)

// NewRoot returns a root without roles, as a format wants it to begin.
func NewRoot(f Format) *Root { return &Root{ConsistentSnapshot: f.consistentSnapshot()} }

// SetRole gives a role its keys and threshold and drops the keys that no role
// uses any more. Roles that keyrite does not know keep theirs.
func (r *Root) SetRole(name string, threshold int, keys []Key) {
	role := r.Role(name)
	if role == nil {
		r.Roles = append(r.Roles, Role{Name: name})
		slices.SortFunc(r.Roles, func(a, b Role) int { return strings.Compare(a.Name, b.Name) })
		role = r.Role(name)
	}
	role.Threshold, role.KeyIDs = threshold, idsOf(keys)
	r.Keys = mergeKeys(r.Keys, keys)
	r.Keys = slices.DeleteFunc(r.Keys, func(k Key) bool {
		return !slices.ContainsFunc(r.Roles, func(role Role) bool { return slices.Contains(role.KeyIDs, k.ID) })
	})
}

// Add appends a delegated role with the lowest priority so far.
func (d *Delegations) Add(r DelegatedRole, keys []Key) {
	r.KeyIDs = idsOf(keys)
	d.Roles = append(d.Roles, r)
	d.Keys = mergeKeys(d.Keys, keys)
}

// Unlisted are the keys that none of the roles lists: something that keyrite does
// not know may need them, such as succinct_roles (TAP 15).
func (d *Delegations) Unlisted() []Key {
	return slices.DeleteFunc(slices.Clone(d.Keys), func(k Key) bool {
		return slices.ContainsFunc(d.Roles, func(r DelegatedRole) bool { return slices.Contains(r.KeyIDs, k.ID) })
	})
}

// ExtraOf are the fields of a role that keyrite does not know.
func (d *Delegations) ExtraOf(role string) []Member {
	for _, r := range d.Roles {
		if r.Name == role {
			return r.Extra
		}
	}
	return nil
}

// SetHead gives a new file its version and expiry, and the spec_version of its
// format.
func SetHead(f Format, b Body, version int64, expires time.Time) {
	h := b.head()
	h.Version, h.Expires, h.SpelledExpires, h.SpecVersion = version, expires, "", f.spec()
}

func idsOf(keys []Key) []KeyID {
	ids := make([]KeyID, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	return ids
}

// mergeKeys joins two lists of keys by id; the later list wins.
func mergeKeys(old, new []Key) []Key {
	merged := slices.Clone(new)
	for _, k := range old {
		if !slices.ContainsFunc(new, func(n Key) bool { return n.ID == k.ID }) {
			merged = append(merged, k)
		}
	}
	slices.SortFunc(merged, func(a, b Key) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return slices.CompactFunc(merged, func(a, b Key) bool { return a.ID == b.ID })
}

// SameContent says whether two bodies state the same, their versions and
// expiries apart.
func SameContent(f Format, old, new Body) (bool, error) {
	head := new.head()
	keep := *head
	defer func() { *head = keep }()
	head.Version, head.Expires = old.head().Version, old.head().Expires
	a, err := encode(f, old)
	if err != nil {
		return false, err
	}
	b, err := encode(f, new)
	if err != nil {
		return false, err
	}
	return slices.Equal(a.Signed, b.Signed), nil
}
