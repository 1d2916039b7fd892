package run

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
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
func (m *machine) verify(s plan.Step) (any, error) {
	state, _, err := m.load()
	if err != nil {
		return nil, err
	}
	if err := m.intend(s, verifyIntent{state.Dir}); err != nil {
		return nil, err
	}
	whole := state.Complete() && len(m.plan.Notes) == 0
	report, err := signed.VerifyAsClient(m.Workspace, state, whole, m.Now())
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
