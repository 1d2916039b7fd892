package plan

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Simulate walks a fleet through a plan: the vehicles of a clients file, or without one
// every state that follows from what the workspace knows of the past.
func Simulate(ws *workspace.Workspace, name string, clients *simulate.Clients) (*simulate.Result, error) {
	p, sum, err := Read(ws, name)
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
	publication, err := Publication(derived.Scene, p)
	if err != nil {
		return nil, err
	}
	if err := addHistory(ws, derived.Scene, publication); err != nil {
		return nil, err
	}
	if err := addOther(ws, derived.Scene, publication); err != nil {
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

// addOther adds what the other repository publishes: of a Director's the Image
// repository, of that the Director. Where there are several, nobody knows which is meant.
func addOther(ws *workspace.Workspace, s *scene.Scene, to *simulate.Publication) error {
	var others []*scene.Scene
	for _, name := range slices.Sorted(maps.Keys(s.Trust.Repositories)) {
		if name == s.Repo.Name {
			continue
		}
		other, err := scene.Read(ws, name, s.At)
		if err != nil {
			return err
		}
		if other.Policy.Director() != s.Policy.Director() && other.Signed.Files["targets"] != nil {
			others = append(others, other)
		}
	}
	if len(others) != 1 {
		return nil
	}
	f := foresight{others[0], nil, &simulate.Publication{Served: roles.Served{}}}
	if err := f.now(); err != nil {
		return err
	}
	to.Other = &simulate.Other{Repository: others[0].Repo.Name, Roots: f.to.Roots, Served: f.to.Served}
	return nil
}
