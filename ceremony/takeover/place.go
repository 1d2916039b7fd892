package takeover

import (
	"errors"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// place puts the files under their names, each after those that it states, so that
// after a crash nothing speaks of a file that is not there. What is replaced is kept.
func (t *Taken) place(ws *workspace.Workspace, base *signed.State) error {
	for _, file := range t.Files {
		there, err := file.there(ws, base)
		if err != nil {
			return err
		}
		if there == nil {
			if err := ws.Ensure(file.Path, file.data); err != nil {
				return err
			}
			continue
		}
		sum := digest.Of(there)
		layout := disk.NewLayout(ws.Folder, func(name string) bool { return name == file.Path })
		if err := layout.Replace(file.Path, file.data, sum, signed.Replaced(file.Path, sum)); err != nil {
			return err
		}
	}
	return nil
}

// there is what a file takes the place of, nil for nothing: the file that was read, or
// what lies there of no use.
func (f File) there(ws *workspace.Workspace, base *signed.State) ([]byte, error) {
	if f.Role == "root" || base.Paths[f.Role] != f.Path {
		return nil, nil
	}
	if old := base.InPlace(f.Role); old != nil {
		return old.Raw, nil
	}
	data, err := ws.Read(f.Path, base.Format.MaxBytes(signed.RoleType(f.Role)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
