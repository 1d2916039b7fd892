package derive

import (
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/foresight"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Simulate walks a fleet through a plan: the vehicles of a clients file, or without one
// every state that follows from what the workspace knows of the past.
func Simulate(ws *workspace.Workspace, name string, clients *simulate.Clients) (*simulate.Result, error) {
	p, sum, err := plan.Read(ws, name)
	if err != nil {
		return nil, err
	}
	if p.Emergency != "" {
		return nil, fault.Errorf(fault.Usage, "%s seals an emergency kit: vehicles get nothing of it", name).Hint("simulate the plan that completes it, when that is made")
	}
	derived, err := Again(ws, p, sum)
	if err != nil {
		return nil, err
	}
	publication, err := foresight.Whole(ws, derived.Scene, p)
	if err != nil {
		return nil, err
	}
	classes := publication.Ages()
	if clients != nil {
		if classes, err = publication.Of(clients); err != nil {
			return nil, err
		}
	}
	return publication.Walk(classes)
}
