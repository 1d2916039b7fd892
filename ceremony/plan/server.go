package plan

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// server states what a server has to sign once the files of the plan are in place.
func (d *derivation) server() {
	planned := map[string]int64{}
	for _, f := range d.plan.Files {
		planned[f.Role] = f.Version
	}
	d.plan.Server = d.Signed.Due(d.Repo, planned, d.LacksSignatures)
}

// Until is the first role that the last step of a plan leaves out, with all that
// come after it: what a server signs, and what another site still has to. While a
// root is missing, nothing below it can be judged. A supplier's file stops nothing.
func Until(s *scene.Scene, p *Plan) roles.Type {
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
