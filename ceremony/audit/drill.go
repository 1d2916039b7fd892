package audit

import (
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// DrillStatus is when a backup was restored for trial, and when that is due again.
type DrillStatus struct {
	Last    time.Time `json:"last,omitzero"`
	Due     time.Time `json:"due,omitzero"` // a year after the last, or after the first ceremony
	Overdue bool      `json:"overdue"`
}

// drillEvery is how long a drill stands for the next one.
const drillEvery = 365 * words.Day

func drillStatus(ws *workspace.Workspace, now time.Time) (d DrillStatus, err error) {
	events, err := transcript.ReadCustody(ws.Folder)
	if err != nil {
		return d, err
	}
	for _, e := range events {
		if _, is := e.Data.(transcript.Drilled); is {
			d.Last = e.Time
		}
	}
	from := d.Last
	if from.IsZero() {
		if from, err = firstCeremony(ws); err != nil || from.IsZero() {
			return d, err
		}
	}
	d.Due = from.Add(drillEvery)
	d.Overdue = !now.Before(d.Due)
	return d, nil
}

// firstCeremony is the day of the first, by its name; zero without any.
func firstCeremony(ws *workspace.Workspace) (time.Time, error) {
	names, err := ceremonies.Names(ws)
	for _, name := range names {
		if _, err := ceremonies.RepositoryOf(name); err != nil {
			continue
		}
		if day, err := time.Parse(time.DateOnly, name[:len(time.DateOnly)]); err == nil {
			return day, nil
		}
	}
	return time.Time{}, err
}
