package run

import (
	"context"
	"strings"

	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// inspect looks at the machine of the room that the paper has confirmed, shows what is
// not as it should be, and refuses to run where something fails that nobody waived. A
// rehearsal goes on all the same.
func (m *machine) inspect(ctx context.Context) (*preflight.Report, error) {
	report, err := m.Inspect(ctx, m.Workspace, preflight.Request{Now: m.Now(), Tokens: m.tokensInUse(), People: !m.Yes, Absent: true})
	if err != nil {
		return nil, err
	}
	if err := m.confirmClock(ctx, report); err != nil {
		return nil, err
	}
	lines := report.Text(transcript.Waived, m.Prompter.Terminal().Columns())
	if err := m.fitting(ctx, screen.Plainly("%s", strings.TrimRight("preflight  "+report.Summary()+"\n"+lines, "\n"))); err != nil {
		return nil, err
	}
	if m.Rehearsal != nil && report.Failed() != nil {
		m.Prompter.Say("This is a rehearsal, and goes on; the ceremony itself would stop here.")
		return report, nil
	}
	return report, report.Failed()
}
