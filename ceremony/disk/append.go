package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/uptane/keyrite/ceremony/fault"
	"golang.org/x/sys/unix"
)

// OpenAppend opens a file for reading and appending, and makes it and the
// folders above it if it is not there. A file with another name, by a hard or a
// symbolic link, is an error with code Unverified: who repairs the end of the
// one would cut the other.
func (f *Folder) OpenAppend(name string) (*os.File, error) {
	if err := CheckPath(name); err != nil {
		return nil, err
	}
	if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return nil, PathError(name, err)
	}
	if err := f.noLink(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	open := func(name string, flag int, perm os.FileMode) (*os.File, error) {
		return f.root.OpenFile(name, flag|os.O_RDWR|os.O_APPEND|os.O_CREATE, perm)
	}
	file, err := OpenRegular(name, open)
	if err != nil {
		return nil, err
	}
	if err := f.startAppend(name, file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (f *Folder) startAppend(name string, file *os.File) error {
	if err := f.onlyName(name, file); err != nil {
		return err
	}
	if err := f.sync(path.Dir(name)); err != nil {
		return err
	}
	_, err := file.Seek(0, io.SeekStart)
	return err
}

// noLink refuses a name that leads to another.
func (f *Folder) noLink(name string) error {
	there, err := f.root.Lstat(name)
	if err != nil {
		return PathError(name, err)
	}
	if !there.Mode().IsRegular() {
		return fault.Errorf(fault.Unverified, "%s: %s, want a regular file", name, ModeName(there.Mode()))
	}
	return nil
}

// onlyName refuses an open file that has a name beside this one.
func (f *Folder) onlyName(name string, file *os.File) error {
	if err := f.noLink(name); err != nil {
		return err
	}
	var opened unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &opened); err != nil {
		return PathError(name, err)
	}
	if opened.Nlink > 1 { // some file systems count none
		return fault.Errorf(fault.Unverified, "%s has %d names (hard links), want one", name, opened.Nlink)
	}
	return nil
}
