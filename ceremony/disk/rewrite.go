package disk

import (
	"bytes"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/fault"
)

// Rewrite gives a file that people write new content, in one step: for settings that
// a command changes in their place, and never for what is signed. A file that is not
// there, is a link, or no longer reads as old is left as it is.
func (f *Folder) Rewrite(name string, old, data []byte) error {
	if err := CheckPath(name); err != nil {
		return err
	}
	mode, err := f.unchanged(name, old)
	if err != nil {
		return err
	}
	return f.write(name, path.Dir(name), known(data), func(temp string, _ fs.FileInfo) error {
		if err := f.root.Chmod(temp, mode); err != nil {
			return err
		}
		if _, err := f.unchanged(name, old); err != nil {
			return err
		}
		if err := f.ops.rename(f.root, temp, name); err != nil {
			return err
		}
		return f.sync(path.Dir(name))
	})
}

// unchanged makes sure that a regular file holds this content, and returns its mode.
func (f *Folder) unchanged(name string, want []byte) (fs.FileMode, error) {
	if err := f.noLink(name); err != nil {
		return 0, err
	}
	file, err := f.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := f.onlyName(name, file); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, PathError(name, err)
	}
	got, err := ReadAll(name, file, int64(len(want)))
	if err != nil || !bytes.Equal(got, want) {
		return 0, fault.Errorf(fault.Failed, "%s was changed by somebody else meanwhile", name).Hint("run the same command again")
	}
	return info.Mode().Perm(), nil
}
