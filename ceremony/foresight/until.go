package foresight

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Until is the first role that the last step of a plan leaves out, with all that
// come after it: what a server signs, and what another site still has to. While a
// root is missing, nothing below it can be judged. A supplier's file stops nothing.
func Until(s *scene.Scene, p *plan.Plan) roles.Type {
	until := s.Signed.Server
	for _, e := range p.Elsewhere {
		t := signed.RoleType(e.Role)
		if t == roles.TypeRoot {
			t = roles.TypeTargets
		}
		if !slices.Contains(workspace.TopLevel, e.Role) {
			continue
		}
		if len(roles.From(t)) > len(roles.From(until)) {
			until = t
		}
	}
	return until
}
