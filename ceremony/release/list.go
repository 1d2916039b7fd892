package release

import (
	"bytes"
	"errors"
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
)

// list is the images file of the role, as it is and as it is about to be. Both are nil
// where the role lists no images.
type list struct {
	file     string
	old, new []byte
}

// list adds the images that were read to those that the role lists by its file. Who
// changed that file otherwise is found when the plan is judged.
func (j *job) list() (*list, error) {
	if len(j.q.Images) == 0 {
		return &list{}, nil
	}
	l := &list{file: path.Clean(j.repo.ImagesFiles()[j.q.Role])}
	listed := &images.List{}
	data, err := j.Workspace.Read(l.file, images.MaxImagesYAML)
	switch {
	case err == nil:
		l.old = data
		if listed, err = images.Parse(l.file, data); err != nil {
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
	l.new = b.Bytes()
	return l, err
}

// writeList puts the list in place, if it changes.
func (j *job) writeList(l *list) error {
	switch {
	case bytes.Equal(l.old, l.new):
		return nil
	case l.old == nil:
		return j.Workspace.Create(l.file, l.new)
	}
	return j.Workspace.Rewrite(l.file, l.old, l.new)
}

// overlay are the files of a workspace with the list as it is about to be.
type overlay struct {
	*disk.Folder
	list *list
}

func (o overlay) Read(name string, limit int64) ([]byte, error) {
	if o.list.new == nil || path.Clean(name) != o.list.file {
		return o.Folder.Read(name, limit)
	}
	if int64(len(o.list.new)) > limit {
		return nil, fault.Errorf(fault.Usage, "%s is %d bytes, want at most %d", name, len(o.list.new), limit)
	}
	return o.list.new, nil
}
