package disk

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another process holds a lock.
var ErrLocked = errors.New("another process holds it")

// Lock is a name that one process at a time can hold. It dies with the process.
type Lock struct {
	folder *Folder
	name   string
	file   *os.File
}

// Lock takes a lock, which is an empty file while it is held, or fails with
// [ErrLocked].
func (f *Folder) Lock(name string) (*Lock, error) {
	for {
		file, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o644)
		if err != nil {
			return nil, PathError(name, err)
		}
		if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			file.Close()
			if errors.Is(err, unix.EWOULDBLOCK) {
				err = ErrLocked
			}
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		// Who held it before has removed the name: then this lock is of nothing.
		if f.names(name, file) {
			return &Lock{f, name, file}, nil
		}
		file.Close()
	}
}

// names says whether a name is that of an open file.
func (f *Folder) names(name string, file *os.File) bool {
	there, err := f.root.Lstat(name)
	if err != nil {
		return false
	}
	own, err := file.Stat()
	return err == nil && os.SameFile(there, own)
}

// Close releases the lock and takes its file away.
func (l *Lock) Close() error {
	return errors.Join(l.folder.root.Remove(l.name), l.file.Close())
}
