package plan

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Assigned warns of images that this repository, a Director's, assigns to ECUs which
// will refuse them, since another repository of the workspace lists them in a
// delegated role. It is no part of the plan, which does not depend on the other
// repository: that changes on its own, and keyrite verify --director compares both.
func Assigned(s *scene.Scene, ws *workspace.Workspace) (warnings []string) {
	body, err := s.Body("targets")
	director, ok := body.(*roles.Targets)
	if err != nil || !ok {
		return nil
	}
	for _, other := range s.Trust.Repositories {
		if other.Name == s.Repo.Name || other.Format != s.Repo.Format {
			continue
		}
		image, err := signed.Load(ws, other.Name, s.Format)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("the images that %s lists were not looked at: %v", other.Name, err))
			continue
		}
		for _, line := range roles.DelegatedAssignments(s.Format, director, targetsOf(image)) {
			warnings = append(warnings, fmt.Sprintf("in %s, %s", other.Name, line))
		}
	}
	return warnings
}

// targetsOf are the targets roles of what is signed.
func targetsOf(s *signed.State) map[string]*roles.Targets {
	found := map[string]*roles.Targets{}
	for role := range s.Files {
		if t := s.Targets(role); t != nil {
			found[role] = t
		}
	}
	return found
}
