package audit

import (
	"time"

	"github.com/uptane/keyrite/ceremony/workspace"
)

// RehearsalStatus is a rehearsal that lies here.
type RehearsalStatus struct {
	Name  string    `json:"name"` // of its folder
	Of    string    `json:"of"`   // the ceremony that is rehearsed
	Until time.Time `json:"until"`
	Over  bool      `json:"over"` // its week is; it may be removed
}

func rehearsals(ws *workspace.Workspace, now time.Time) (list []RehearsalStatus, err error) {
	worlds, err := ws.FakeWorlds()
	for _, w := range worlds {
		list = append(list, RehearsalStatus{w.Name, w.Rehearsal.Of, w.Rehearsal.Until, w.IsOver(now)})
	}
	return list, err
}
