package takeover

import (
	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// Update takes newer metadata into a repository of the workspace: what its online
// side, or a supplier, has signed since. Everything is verified from the roots that
// are here: each file must meet the thresholds of the newest root or of its
// delegation, no version goes back, and no version has two contents. What is there
// needs not be whole: files signed by keys that a new root has replaced are replaced
// by this. Without anything newer, Taken has no files.
func Update(r room.Room, repository string, from []string) (*Taken, error) {
	trust, err := r.Workspace.Trust()
	if err != nil {
		return nil, err
	}
	repo, err := trust.Repository(repository)
	if err != nil {
		return nil, err
	}
	lock, err := r.Workspace.Lock(repository)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	base, err := signed.Of(r.Workspace, repo)
	if err != nil {
		return nil, err
	}
	if base.Root() == nil {
		return nil, fault.Errorf(fault.Incomplete, "%s: nothing is signed yet, and so nothing is trusted", repository).
			Hint("make the first root: keyrite plan %s", repository)
	}
	return update(r, base, repository, from)
}

func update(r room.Room, base *signed.State, repository string, from []string) (*Taken, error) {
	found, err := Read(from)
	if err != nil {
		return nil, err
	}
	if found.format != base.Format {
		return nil, fault.Errorf(fault.Unverified, "%s: format is %s, want %s", found.Sources[0], found.format.Name(), base.Format.Name())
	}
	next, err := found.state(base)
	if err != nil {
		return nil, err
	}
	if err := verify(base, next, r.Now()); err != nil {
		return nil, err
	}
	taken := found.taken(repository, base, next)
	taken.Root = digest.Of(base.Root().Raw)
	if len(taken.Files) == 0 {
		return taken, nil
	}
	return taken, custody.Trace(r, func(log room.Log) error {
		if err := taken.place(r.Workspace, base); err != nil {
			return err
		}
		return log.Append(0, transcript.ActorTool, taken.imported(found.Sources))
	})
}
