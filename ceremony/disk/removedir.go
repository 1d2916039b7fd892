package disk

import (
	"errors"
	"io/fs"
	"path"
)

// IsDir reports whether a name is that of a folder, and no part of it leads elsewhere
// by a symbolic link.
func (f *Folder) IsDir(name string) (bool, error) {
	if err := CheckPath(name); err != nil {
		return false, err
	}
	for part := name; part != "."; part = path.Dir(part) {
		info, err := f.root.Lstat(part)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, PathError(part, err)
		}
		if !info.IsDir() {
			return false, nil
		}
	}
	return true, nil
}

// RemoveDir removes a folder with all that is in it, and those above it that are empty
// then. Symbolic links in it are removed, and what they lead to stays.
func (f *Folder) RemoveDir(name string) error {
	is, err := f.IsDir(name)
	if err == nil && !is {
		err = PathError(name, errors.New("not a folder, or behind a symbolic link"))
	}
	if err != nil {
		return err
	}
	if err := f.root.RemoveAll(name); err != nil {
		return PathError(name, err)
	}
	f.removeEmpty(path.Dir(name), ".")
	return f.sync(f.existing(path.Dir(name)))
}
