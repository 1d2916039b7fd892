package carry

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// despite says whether a bundle may go without the file of a role.
func (r *BundleRequest) despite(role string) bool { return slices.Contains(r.Despite, role) }

// anybody answers for every role.
func anybody(string) bool { return true }

// unlost refuses files that are of no use, but those that somebody has named.
func (r *BundleRequest) unlost(state *signed.State) error {
	for _, role := range r.Despite {
		if slices.Contains(workspace.TopLevel, role) {
			return fault.Errorf(fault.Usage, "--despite %s: want a delegated role; no client can do without this one", role)
		}
	}
	for _, role := range slices.Sorted(maps.Keys(state.Lost)) {
		if !r.despite(role) && state.Trusted(role) {
			return r.lost(role, state.Lost[role])
		}
	}
	return nil
}

// supplierOf is who answers for a lost role: whoever has delegated it on.
func supplierOf(lost roles.Lost) string {
	if slices.Contains(workspace.TopLevel, lost.Delegator) {
		return lost.Role
	}
	return lost.Delegator
}

// lost says how to go on without a role.
func (r *BundleRequest) lost(role string, err error) error {
	return fault.Errorf(fault.CodeOf(err), "%w", err).
		Hint("if a supplier signs it, and the rest has to go out: keyrite bundle %s -o %s --despite %s", r.Repository, r.Out, role)
}
