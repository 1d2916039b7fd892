package workspace

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// Lock is the right to change, or to pack, what is signed of a repository.
type Lock struct {
	workspace  *Workspace
	repository string
}

// held is a lock of this process, and how often it is held.
type held struct {
	*disk.Lock
	times int
}

// Lock makes sure that one process at a time changes, or packs, what is signed
// of a repository. It is taken before anything is looked at. Whoever holds it through
// this Workspace may take it again: the whole way holds it, and so does each part.
func (w *Workspace) Lock(repository string) (*Lock, error) {
	if h := w.locks[repository]; h != nil {
		h.times++
		return &Lock{w, repository}, nil
	}
	lock, err := w.Folder.Lock(".lock-" + repository)
	if errors.Is(err, disk.ErrLocked) {
		return nil, fault.Errorf(fault.Failed, "%w", errBusy{repository}).Called(fault.WordLocked).Hint("wait until it has ended")
	}
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		return nil, fault.Errorf(fault.Failed, "%w", err).Hint("this command writes into the workspace: copy it to a folder where you may, and call it there")
	}
	if err != nil {
		return nil, err
	}
	if w.locks == nil {
		w.locks = map[string]*held{}
	}
	w.locks[repository] = &held{lock, 1}
	return &Lock{w, repository}, nil
}

// errBusy says that another process holds the lock.
type errBusy struct{ repository string }

func (e errBusy) Error() string {
	return "repository " + e.repository + ": another keyrite is at work on it"
}

// often is how often a lock is tried that another process holds.
const often = 100 * time.Millisecond

// WaitLock is Lock that waits for another process at most that long. waiting is called
// when it begins to. A lock dies with its process: nobody waits for a dead one.
func (w *Workspace) WaitLock(ctx context.Context, repository string, atMost time.Duration, waiting func()) (*Lock, error) {
	deadline := time.Now().Add(atMost)
	for first := true; ; first = false {
		lock, err := w.Lock(repository)
		if !errors.As(err, new(errBusy)) {
			return lock, err
		}
		if !time.Now().Before(deadline) {
			return nil, fault.Errorf(fault.Failed, "%w, and was for %s", errBusy{repository}, atMost).Called(fault.WordLocked).
				Hint("wait longer, as with --wait 30m; or look what the other one waits for")
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(often):
		}
	}
}

// Close gives the lock back.
func (l *Lock) Close() error {
	h := l.workspace.locks[l.repository]
	if h.times--; h.times > 0 {
		return nil
	}
	delete(l.workspace.locks, l.repository)
	return h.Lock.Close()
}
