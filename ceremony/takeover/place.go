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
		there, aside, err := file.there(ws, base)
		if err == nil && there == nil {
			err = ws.Ensure(file.Path, file.data)
		} else if err == nil {
			layout := disk.NewLayout(ws.Folder, func(name string) bool { return name == file.Path })
			err = layout.Replace(file.Path, file.data, digest.Of(there), aside)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// there is what a file takes the place of, and where that is kept: the file that was
// read, under the hash that snapshot states of it, or what lies there of no use. It is
// nil for nothing.
func (f File) there(ws *workspace.Workspace, base *signed.State) (there []byte, aside string, err error) {
	if f.Role == "root" || base.Paths[f.Role] != f.Path {
		return nil, "", nil
	}
	if old := base.InPlace(f.Role); old != nil {
		aside = signed.Replaced(f.Path, digest.Of(old.Published()))
		if taken, err := ws.Exists(aside); err != nil || !taken {
			return old.Raw, aside, err
		}
		return old.Raw, signed.Replaced(f.Path, digest.Of(old.Raw)), nil // it came back in another spelling
	}
	data, err := ws.Read(f.Path, base.Format.MaxBytes(signed.RoleType(f.Role)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	return data, signed.Replaced(f.Path, digest.Of(data)), err
}
