package ceremony

import (
	"fmt"
	"time"

	"github.com/uptane/keyrite/roles"
)

// verifyResult is the end of a ceremony, in the transcript.
type verifyResult struct {
	Files []string `json:"files"` // name, version and SHA-256 of each
	Notes []string `json:"notes"`
}

type verifyIntent struct {
	Metadata string `json:"metadata"` // the folder
}

// verify checks the whole repository as a client does that knows nothing but
// version 1 of root.
func (m *machine) verify(s Step) (any, error) {
	state, _, err := m.load()
	if err != nil {
		return nil, err
	}
	if err := m.intend(s, verifyIntent{state.dir}); err != nil {
		return nil, err
	}
	whole := state.complete() && len(m.plan.Notes) == 0
	report, err := verifyState(m.Workspace, state, whole, m.Now())
	if err != nil {
		return nil, err
	}
	result := verifyResult{Notes: append(report.Notes, m.plan.Notes...)}
	for _, f := range report.Files {
		result.Files = append(result.Files, fmt.Sprintf("%s version %d sha256 %s", f.Name, f.Version, f.SHA256))
	}
	m.Prompter.Say("%s", report)
	return result, nil
}

// verifyState verifies a repository of the workspace from version 1 of its
// root. While somebody elsewhere still has to sign, it is not whole and only
// the roots can be verified.
func verifyState(ws *Workspace, state *signedState, whole bool, now time.Time) (*roles.Report, error) {
	client, err := roles.NewClient(state.roots[0].Raw, DirSource{Folder: ws.Folder, Dir: state.dir}, now)
	if err != nil {
		return nil, unverified(state.dir, err)
	}
	client.KeyName = KeyNames(ws.Dir)
	if whole {
		_, err = verifyAll(client)
	} else {
		err = client.RefreshRoot()
	}
	if err != nil {
		return nil, unverified(state.dir, err)
	}
	return client.Report(), nil
}

// complete says whether all four top-level roles are signed.
func (s *signedState) complete() bool {
	for _, role := range topLevel {
		if s.file(role) == nil {
			return false
		}
	}
	return true
}
