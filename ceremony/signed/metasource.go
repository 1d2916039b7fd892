package signed

import (
	"io/fs"
	"path"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// DirSource serves the metadata files of a folder by name. It is a
// [roles.Source], as [Bundle] is, so that one client verifies both.
type DirSource struct {
	Folder *disk.Folder
	Dir    string // below Folder, for example `image/metadata`
}

// Get returns a metadata file of at most limit bytes. Its name comes from other
// metadata, which the owner of a USB stick may have written, so it must not
// lead out of Dir.
func (s DirSource) Get(name string, limit int64) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fault.Errorf(fault.Unverified, "%q is not the name of a metadata file", name)
	}
	return s.Folder.Read(path.Join(s.Dir, name), limit)
}
