package takeover

import (
	"path"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// place puts the files under their names, each after those that it states, so that
// after a crash nothing speaks of a file that is not there. What is replaced is kept.
func (t *Taken) place(ws *workspace.Workspace, base *signed.State) error {
	for _, file := range t.Files {
		old := base.File(file.Role)
		if old == nil || file.Role == "root" || base.Paths[file.Role] != file.Path {
			if err := ws.Ensure(file.Path, file.data); err != nil {
				return err
			}
			continue
		}
		sum := digest.Of(old.Raw)
		layout := disk.NewLayout(ws.Folder, func(name string) bool { return name == file.Path })
		if err := layout.Replace(file.Path, file.data, sum, kept(file.Path, sum)); err != nil {
			return err
		}
	}
	return nil
}

// kept is where a file is kept that another one takes the place of.
func kept(name string, sum digest.SHA256) string {
	return path.Join(transcript.CustodyDir, "replaced", sum.String()[:16]+"-"+path.Base(name))
}
