package derive

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
)

// Homeless are keys that a plan would generate and that no token of this room is to
// hold.
type Homeless struct {
	Keys []string // in the order of trust.yaml
}

func (h *Homeless) Error() string {
	if len(h.Keys) == 1 {
		return fmt.Sprintf("site.yaml: keys.%s is missing; no token here holds that key", h.Keys[0])
	}
	return "site.yaml: no token here holds the keys " + words.List(h.Keys)
}

// homeless refuses a plan of which no key can be generated here, before anything that
// follows from it: all those keys together.
func (d *derivation) homeless() error {
	h := &Homeless{}
	for _, name := range d.Repo.KeyNames {
		if d.Ring.Planned(name) && !d.plan.Room.Holds(name) {
			h.Keys = append(h.Keys, name)
		}
	}
	if h.Keys == nil {
		return nil
	}
	return fault.Errorf(fault.Usage, "%w", h).Hint("add below keys in site.yaml, each with its token, or run keyrite plan at a terminal, which offers to: %s", entries(h.Keys)).
		Hint("a TOKEN gets into site.yaml by keyrite token init LABEL... --add, or by keyrite token add NAME when it is set up already").
		Hint("a key that another site makes and holds stands below elsewhere: in site.yaml, with that site's name: KEY: SITE")
}
