package foresight

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

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
