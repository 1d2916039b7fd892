package derive

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Warning is what another repository of the workspace says against a Director's plan.
type Warning struct {
	Repository string            `json:"repository"`           // the other one
	Unfollowed *roles.Unfollowed `json:"unfollowed,omitempty"` // an image that ECUs will refuse
	Unread     string            `json:"unread,omitempty"`     // why the other one could not be looked at
}

func (w Warning) String() string {
	if w.Unfollowed == nil {
		return fmt.Sprintf("the images that %s lists were not looked at: %s", w.Repository, w.Unread)
	}
	return fmt.Sprintf("in %s, %s", w.Repository, w.Unfollowed)
}

// Assigned warns of images that this repository, a Director's, assigns to ECUs which
// will refuse them, since another repository of the workspace lists them in a
// delegated role. It is no part of the plan, which does not depend on the other
// repository: that changes on its own, and keyrite verify --director compares both.
func Assigned(s *scene.Scene, ws *workspace.Workspace) (warnings []Warning) {
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
			warnings = append(warnings, Warning{Repository: other.Name, Unread: err.Error()})
			continue
		}
		for _, u := range roles.DelegatedAssignments(s.Format, director, targetsOf(image)) {
			warnings = append(warnings, Warning{Repository: other.Name, Unfollowed: &u})
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
