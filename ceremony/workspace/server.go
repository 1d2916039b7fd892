package workspace

import (
	"slices"

	"github.com/uptane/keyrite/roles"
)

// Server is the first of targets, snapshot and timestamp that is signed elsewhere
// together with all that come after it: a server signs these, and there may be no
// way to hand it other files of them. It is empty where the last of them is signed
// here. held says whether some site has the private key of that name.
func (r *Repository) Server(held func(key string) bool) (first roles.Type) {
	for _, t := range slices.Backward(roles.From(roles.TypeTargets)) {
		if !r.signedElsewhere(string(t), held) {
			break
		}
		first = t
	}
	return first
}

// signedElsewhere says whether all keys of a role are somebody else's, and none is
// at a site.
func (r *Repository) signedElsewhere(role string, held func(key string) bool) bool {
	decl := r.Roles[role]
	return decl.Online || !slices.ContainsFunc(decl.Keys, func(key string) bool { return r.Keys[key].Public == "" || held(key) })
}

// Others says of a delegated role whether others answer for its file: none of its keys is
// held at a site.
func (r *Repository) Others(held func(key string) bool) func(role string) bool {
	return func(role string) bool {
		keys, _ := r.Signers(role)
		return !slices.ContainsFunc(keys, held)
	}
}
