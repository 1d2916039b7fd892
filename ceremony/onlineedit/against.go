package onlineedit

import (
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// against holds a request against what is signed, and finds what it changes: the next
// version of the targets that are here, by the keys that root lists, and no more than
// images. Errors have the code Incomplete where one of the two has moved on, and
// Unverified where it asks for what no edit is.
func (r *Request) against(state *signed.State, repository string) error {
	now := state.Targets("targets")
	if state.RootBody() == nil || now == nil {
		return fault.Errorf(fault.Incomplete, "%s: no targets are signed yet, which a server could edit", repository)
	}
	role := state.RootBody().Role("targets")
	if r.by.Threshold != role.Threshold || !sameIDs(r.by.KeyIDs, role.KeyIDs) {
		return fault.Errorf(fault.Unverified, "the server wants %d of the keys %s, but root %d lists %d of %s", r.by.Threshold, list(r.by.KeyIDs), state.Version("root"), role.Threshold, list(role.KeyIDs)).
			Hint("bring what it serves: keyrite import --update DIR; and publish the root that is signed here")
	}
	if r.Version != now.Version+1 {
		return fault.Errorf(fault.Incomplete, "the server asks for targets %d, but targets %d are signed here; want a request for targets %d", r.Version, now.Version, now.Version+1).
			Hint("where the server is ahead: keyrite import --update DIR; where it is behind: publish the last bundle, and edit again")
	}
	for _, c := range roles.Diff(now, r.body, roles.DiffOptions{Role: r.Role}) {
		switch c.What {
		case "version", "expires":
		case "image", "image length of", "image hashes of", "image custom of":
			r.Changes = append(r.Changes, c)
		default:
			return fault.Errorf(fault.Unverified, "the server changes more than images: %s", c).
				Hint("no edit of images does that: find out who asks for it; in trust.yaml it can be declared")
		}
	}
	return nil
}

func sameIDs(a, b []roles.KeyID) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// list names key ids by their beginnings.
func list(ids []roles.KeyID) string {
	var names []string
	for _, id := range ids {
		names = append(names, roles.Printable(string(id[:min(12, len(id))])))
	}
	return strings.Join(names, ", ")
}
