package run

import (
	"context"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// inspect looks at the machine of the room that the paper has confirmed, shows what is not as it should be, and refuses to run
// where something fails that nobody waived. A rehearsal goes on all the same.
func (m *machine) inspect(ctx context.Context) (*preflight.Report, error) {
	report, err := m.Inspect(ctx, m.Workspace, preflight.Request{Now: m.Now(), Tokens: m.tokensOfPlan(), People: !m.Yes, Absent: true})
	if err != nil {
		return nil, err
	}
	m.Prompter.Say("preflight  %s", report.Summary())
	if lines := report.Text(transcript.Waived, screenWidth); lines != "" {
		m.Prompter.Say("%s", strings.TrimRight(lines, "\n"))
	}
	if m.Rehearsal != nil && report.Failed() != nil {
		m.Prompter.Say("This is a rehearsal, and goes on; the ceremony itself would stop here.")
		return report, nil
	}
	return report, report.Failed()
}

const screenWidth = 80

// tokensOfPlan are the tokens that some step needs.
func (m *machine) tokensOfPlan() []string {
	tokens := []string{}
	for _, s := range m.plan.Steps {
		token, here := m.site.Keys[s.Key]
		if needsToken := s.Do == plan.Generate || s.Do == plan.Sign || s.Do == plan.Destroy; needsToken && here && !slices.Contains(tokens, token) {
			tokens = append(tokens, token)
		}
	}
	return tokens
}
