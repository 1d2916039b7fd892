package rehearse

import (
	"time"

	"github.com/uptane/keyrite/ceremony/workspace"
)

// RemoveOld removes the worlds whose week is over, and returns their names. Only a
// folder below rehearsals/ that says that it is one is removed; what symbolic links
// lead to stays. The list of fake keys stays too: none of them is ever meant.
func RemoveOld(ws *workspace.Workspace, now time.Time) (removed []string, err error) {
	worlds, err := ws.FakeWorlds()
	if err != nil {
		return nil, err
	}
	for _, w := range worlds {
		if !w.IsOver(now) {
			continue
		}
		if err := ws.RemoveDir(w.Name); err != nil {
			return removed, err
		}
		removed = append(removed, w.Name)
	}
	return removed, nil
}
