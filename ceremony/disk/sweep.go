package disk

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// Sweep removes what crashes have left incomplete in a folder. A file that is being
// written by a living process is locked, and stays.
func (f *Folder) Sweep(dir string) error {
	opened, err := f.root.OpenFile(path.Clean(dir), os.O_RDONLY|unix.O_DIRECTORY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return PathError(dir, err)
	}
	defer opened.Close()
	names, err := opened.Readdirnames(-1)
	if err != nil {
		return PathError(dir, err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, tempPrefix) {
			if err := f.sweep(path.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep removes one file, if it is one and nobody writes it.
func (f *Folder) sweep(name string) error {
	file, err := OpenRegular(name, f.root.OpenFile)
	if err != nil {
		return nil // a folder, or it has just got its name
	}
	defer file.Close()
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil
	}
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return PathError(name, err)
	}
	return nil
}

// writing says to Sweep that a file is not left behind. Where there are no locks,
// everybody has to keep from others' folders.
func writing(file file) { _ = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
