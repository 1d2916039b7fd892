package plan

import (
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// server states what a server has to sign once the files of the plan are in place.
func (d *derivation) server() {
	planned := map[string]int64{}
	for _, f := range d.plan.Files {
		planned[f.Role] = f.Version
	}
	d.plan.Server = d.Signed.Due(d.Repo, planned, d.voided)
}

// Until is the first role that the last step of a plan leaves out, with all that
// come after it: what a server signs, and what another site still has to. While a
// root or a supplier's file is missing, nothing below root can be judged.
func (s *Scene) Until(p *Plan) roles.Type {
	until := s.Signed.Server
	for _, e := range p.Elsewhere {
		t := signed.RoleType(e.Role)
		if e.Role == "root" || e.Role != string(t) {
			t = roles.TypeTargets
		}
		if len(roles.From(t)) > len(roles.From(until)) {
			until = t
		}
	}
	return until
}
