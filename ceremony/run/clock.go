package run

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/roles"
)

// confirmClock has two people confirm the clock by watches of their own. Without an
// answer the clock stays a warning.
func (m *machine) confirmClock(ctx context.Context, report *preflight.Report) error {
	if !report.ClockOpen() {
		return nil
	}
	names, err := m.desk.WhoComparedClock(ctx)
	if names != nil {
		report.ConfirmClock(names...)
	}
	return err
}

// notBefore refuses a clock that is behind a line of a transcript: what would be signed
// now would seem older than what was done before it.
func (m *machine) notBefore(last time.Time, where string) error {
	if now := m.Now(); now.Before(last.Add(-time.Minute)) {
		return fault.Errorf(fault.Refused, "the clock says %s, but %s was written at %s", roles.FormatTime(now), where, roles.FormatTime(last)).
			Hint("set the clock by a watch that two people agree on")
	}
	return nil
}

// afterLast is notBefore for the transcript of this site.
func (m *machine) afterLast() error {
	for _, e := range slices.Backward(m.events()) {
		return m.notBefore(e.Time, fmt.Sprintf("line %d of %s/%s", e.Seq, m.dir(), transcript.File))
	}
	return nil
}
