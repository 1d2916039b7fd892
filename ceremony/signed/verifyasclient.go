package signed

import (
	"fmt"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// VerifyAsClient verifies a repository of the workspace from version 1 of its
// root. While somebody elsewhere still has to sign, it is not whole and only
// the roots can be verified.
func VerifyAsClient(ws *workspace.Workspace, state *State, whole bool, now time.Time) (*roles.Report, error) {
	client, err := roles.NewClient(state.Roots[0].Raw, DirSource{Folder: ws.Folder, Dir: state.Dir}, now)
	if err != nil {
		return nil, Unverified(state.Dir, err)
	}
	client.KeyName = workspace.KeyNames(ws.Dir)
	if whole {
		_, err = VerifyAll(client)
	} else {
		err = client.RefreshRoot()
	}
	if err != nil {
		return nil, Unverified(state.Dir, err)
	}
	return client.Report(), nil
}

// Complete says whether all four top-level roles are signed.
func (s *State) Complete() bool {
	for _, role := range workspace.TopLevel {
		if s.File(role) == nil {
			return false
		}
	}
	return true
}

// VerifyAll verifies every file of a repository and lists its images.
func VerifyAll(client *roles.Client) ([]roles.Listed, error) {
	if err := client.Refresh(); err != nil {
		return nil, err
	}
	return client.All()
}

func Unverified(where string, err error) error {
	return &fault.Error{Code: fault.Unverified, Err: fmt.Errorf("%s: %w", where, err)}
}
