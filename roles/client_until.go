package roles

import "slices"

// climb is the order in which a change climbs from one role to the next (TUF
// 1.0.34 §6.3).
var climb = []Type{TypeTargets, TypeSnapshot, TypeTimestamp}

// From lists a role of targets, snapshot and timestamp, and those after it: what a
// server signs that signs the first of them. It is empty for "".
func From(first Type) []Type {
	if i := slices.Index(climb, first); i >= 0 {
		return climb[i:]
	}
	return nil
}

// withheld says whether the file of a role is yet to be signed by a server.
func (c *Client) withheld(t Type) bool { return slices.Contains(From(c.Until), t) }

// unstated is what is known of the newest file of a role that no other states.
func (c *Client) unstated(role string) Meta {
	m := Meta{Name: role + ".json", Length: -1}
	if c.Newest != nil && c.format.MetadataPath(role, 1) != c.format.MetadataPath(role, 2) {
		m.Version = c.Newest(role)
	}
	return m
}
