package disk

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// CreateDir makes a new folder whose content fill makes. It appears when fill
// has returned nil; after an error there is nothing.
func (f *Folder) CreateDir(name string, fill func(*Folder) error) error {
	if taken, err := f.Exists(name); err != nil {
		return err
	} else if taken {
		return errTaken(name)
	}
	temp := tempPrefix + rand.Text()
	if err := f.root.Mkdir(temp, 0o755); err != nil {
		return PathError(name, err)
	}
	err := f.fillDir(temp, fill)
	if err == nil {
		err = f.publishDir(temp, name)
	}
	if err != nil {
		return errors.Join(err, f.root.RemoveAll(temp))
	}
	return f.sync(".")
}

// fillDir fills a folder and makes its content durable, all files at once:
// syncing a hundred thousand one by one takes minutes.
func (f *Folder) fillDir(name string, fill func(*Folder) error) error {
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return PathError(name, err)
	}
	defer root.Close()
	if err := fill(&Folder{root}); err != nil {
		return err
	}
	d, err := root.Open(".")
	if err != nil {
		return PathError(name, err)
	}
	defer d.Close()
	return unix.Syncfs(int(d.Fd()))
}

// publishDir is publish for a folder. Where names cannot be taken in one step,
// the plain rename replaces at most an empty folder.
func (f *Folder) publishDir(temp, name string) error {
	err := f.renameFree(temp, name)
	if errors.Is(err, unix.EINVAL) {
		err = f.root.Rename(temp, name)
	}
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.ENOTEMPTY) {
		return errTaken(name)
	}
	return err
}

// UnpackFile is Create for a folder that is itself temporary.
func (f *Folder) UnpackFile(name string, content io.Reader) error {
	if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return PathError(name, err)
	}
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return PathError(name, err)
	}
	_, err = io.Copy(file, content)
	if err := errors.Join(err, file.Close()); err != nil {
		return PathError(name, err)
	}
	return nil
}

// LinkOrCopy gives a file a second name. FAT has no hard links, and others have
// a limit of them.
func (f *Folder) LinkOrCopy(from, to string) error {
	if err := f.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return PathError(to, err)
	}
	if f.root.Link(from, to) == nil {
		return nil
	}
	return f.CopyFile(from, to)
}

func (f *Folder) CopyFile(from, to string) error {
	file, err := f.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	return f.UnpackFile(to, file)
}
