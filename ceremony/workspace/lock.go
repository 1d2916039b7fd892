package workspace

import (
	"errors"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// Lock makes sure that one process at a time changes, or packs, what is signed
// of a repository. It is taken before anything is looked at.
func (w *Workspace) Lock(repository string) (*disk.Lock, error) {
	lock, err := w.Folder.Lock(".lock-" + repository)
	if errors.Is(err, disk.ErrLocked) {
		return nil, fault.Errorf(fault.Failed, "repository %s: another keyrite is at work on it", repository).Called(fault.WordLocked).
			Hint("wait until it has ended")
	}
	return lock, err
}
