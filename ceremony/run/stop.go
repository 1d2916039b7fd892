package run

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/desk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// stop records that a step did not come to its end, and shows where that leaves
// everybody.
func (m *machine) stop(s plan.Step, err error) error {
	who, declined := m.decliner(s)
	wrapped := m.stepError(s, err)
	left := declined || errors.Is(err, prompt.ErrInterrupted) || errors.Is(err, prompt.ErrDeclined)
	if left { // nothing is to be mended
		wrapped.Hints = nil
	}
	if fault.CodeOf(err) == fault.Incomplete { // it waits, as it is planned
		desk.ShowOpenBags(m.Prompter, m.events())
		headErr := m.showHead()
		m.showNeeded(s.Step)
		return errors.Join(wrapped, headErr)
	}
	if logErr := m.transcript.Append(s.Step, transcript.ActorTool, transcript.FailedBy(err)); logErr != nil {
		return errors.Join(wrapped, logErr)
	}
	return errors.Join(wrapped, m.showStop(stopped(s, who, declined), s, left))
}

// finish ends the ceremony. Its last line says what was signed, for those that
// come after it; the head that is shown is the hash of that line.
func (m *machine) finish(ctx context.Context) error {
	marks := transcript.Marks(m.events())
	if m.desk != nil {
		err := m.desk.AskSealed(ctx, m.transcript)
		desk.ShowOpenBags(m.Prompter, m.events())
		if err != nil {
			return errors.Join(err, m.showHead())
		}
	}
	if err := m.transcript.Append(0, transcript.ActorTool, transcript.Finished{Repository: m.plan.Repository, Signed: marks}); err != nil {
		return err
	}
	sayHead(m.Room, m.transcript.Head())
	m.showDone()
	return nil
}

// Abort closes this site's part of a ceremony that will not be finished, or with all the
// ceremony for every site that this part comes to. What it signed stays, and its last
// line says so. It returns the keys that are left.
func Abort(r room.Room, ceremony, reason string, all bool) (left []ceremonies.Left, err error) {
	if err := abort(r, ceremony, reason, all); err != nil {
		return nil, err
	}
	past, err := ceremonies.ReadPast(r.Workspace, "", "")
	if err != nil {
		return nil, err
	}
	left = past.AllLeft(nil)
	return slices.DeleteFunc(left, func(l ceremonies.Left) bool { return l.Ceremony != ceremony }), nil
}

func abort(r room.Room, ceremony, reason string, all bool) (err error) {
	p, _, err := plan.Read(r.Workspace, ceremony)
	if err != nil {
		return err
	}
	lock, err := r.Workspace.Lock(p.Repository)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	site, err := r.Workspace.Site()
	if err != nil {
		return err
	}
	t, err := transcript.Open(r.Workspace.Folder, ceremonies.SiteDir(ceremony, site.Name), r.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	events := slices.Collect(t.Events())
	for _, e := range events {
		if _, _, ended := e.Ended(); ended {
			return fault.Errorf(fault.Failed, "%s has ended already (%s on %s)", ceremony, e.Event, e.Time.Format(time.DateTime))
		}
	}
	if err := t.Append(0, transcript.ActorPerson, transcript.Aborted{Repository: p.Repository, Because: reason, All: all, Signed: transcript.Marks(events)}); err != nil {
		return err
	}
	sayHead(r, t.Head())
	return nil
}
