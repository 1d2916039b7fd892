package bundle

import (
	"io"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/disk"
)

// Unpack unpacks a bundle into a new folder; the folder above it must exist.
// The bundle is read once and verified while it is unpacked under a temporary
// name, so that dir appears complete and verified or, after an error, not at all.
func Unpack(file, dir string) (*Unpacked, error) {
	archive, err := openArchive(file)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	above, err := disk.Open(filepath.Dir(filepath.Clean(dir)))
	if err != nil {
		return nil, err
	}
	defer above.Close()
	made := &Unpacked{Dir: dir}
	return made, above.CreateDir(filepath.Base(dir), func(inside *disk.Folder) error {
		m, err := unpack(archive, inside)
		if err != nil {
			return bundleError(file, err)
		}
		made.Repository, made.Format, made.Files = m.Repository, m.Format, len(m.Files)
		return nil
	})
}

// Unpacked is what a bundle was unpacked into.
type Unpacked struct {
	Dir        string `json:"dir"`
	Repository string `json:"repository"`
	Format     string `json:"format"`
	Files      int    `json:"files"`
}

// unpack writes all files of a bundle into an empty folder.
func unpack(archive archive, into *disk.Folder) (*manifest, error) {
	m, err := readBundle(archive, func(m *manifest) visitor {
		return func(i int, content io.Reader) error { return into.UnpackFile(m.Files[i].Path, content) }
	})
	if err != nil {
		return nil, err
	}
	for _, file := range m.Files {
		if file.SameAs == "" {
			continue
		}
		if err := into.LinkOrCopy(file.SameAs, file.Path); err != nil {
			return nil, err
		}
	}
	return m, nil
}
