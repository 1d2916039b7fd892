package derive

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/plan"
)

// locate says at which site each step is done that needs a token, where a plan has
// such steps at several.
func (d *derivation) locate() {
	away := func(s plan.Step) bool { _, away := d.plan.Room.Elsewhere[s.Key]; return away }
	if !slices.ContainsFunc(d.plan.Steps, away) {
		return
	}
	for i := range d.plan.Steps {
		if s := &d.plan.Steps[i]; s.Key != "" && !s.External {
			s.Site = d.plan.Room.SiteOf(s.Key)
		}
	}
}
