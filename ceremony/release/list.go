package release

import (
	"bytes"
	"errors"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/images"
)

// list adds the images that were read to those that the role lists by its file, which is
// pending then. Who changed that file otherwise is found when the plan is judged.
func (j *job) list() (*disk.Pending, error) {
	p := &disk.Pending{Folder: j.Workspace.Folder}
	if len(j.q.Images) == 0 {
		return p, nil
	}
	p.Name = path.Clean(j.repo.ImagesFiles()[j.q.Role])
	listed := &images.List{}
	data, err := j.Workspace.Read(p.Name, images.MaxImagesYAML)
	switch {
	case err == nil:
		p.Old = data
		if listed, err = images.Parse(p.Name, data); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	custom, err := images.CustomOf(j.q.HardwareIDs, j.q.ReleaseCounter)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = listed.With(j.given, custom, j.q.Only).Write(&b)
	p.New = b.Bytes()
	return p, err
}
