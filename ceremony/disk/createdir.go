package disk

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path"
)

// CreateDir makes a new folder whose content fill makes. It appears when fill
// has returned nil; after an error there is nothing.
func (f *Folder) CreateDir(name string, fill func(*Folder) error) error {
	if err := f.free(name); err != nil {
		return err
	}
	made := tempPrefix + rand.Text()
	if err := f.root.Mkdir(made, 0o755); err != nil {
		return PathError(name, err)
	}
	err := f.fillDir(made, name, fill)
	if err == nil {
		err = f.publishDir(made, name)
	}
	if err == nil {
		made, err = name, f.sync(".")
	}
	if err != nil {
		return errors.Join(err, f.root.RemoveAll(made))
	}
	return nil
}

// fillDir fills the folder temp and makes its content durable, all files at once:
// syncing a hundred thousand one by one takes minutes.
func (f *Folder) fillDir(temp, name string, fill func(*Folder) error) error {
	root, err := f.root.OpenRoot(temp)
	if err != nil {
		return PathError(name, err)
	}
	defer root.Close()
	if err := fill(&Folder{root, f.ops}); err != nil {
		return err
	}
	if err := f.ops.syncAll(root); err != nil {
		return PathError(name, err)
	}
	return nil
}

// UnpackFile is Create for a folder that is itself temporary.
func (f *Folder) UnpackFile(name string, content io.Reader) error {
	if err := CheckPath(name); err != nil {
		return err
	}
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
	if err := CheckPath(to); err != nil {
		return err
	}
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
