package bundle

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
)

// Evidence is the part of a bundle below evidence/, read as the workspace is that it
// was taken from.
type Evidence struct{ *Bundle }

// Evidence returns it; found says whether there is any.
func (b *Bundle) Evidence() (e Evidence, found bool) {
	return Evidence{b}, slices.ContainsFunc(b.manifest.Files, func(f manifestFile) bool { return strings.HasPrefix(f.Path, EvidenceDir) })
}

// Read returns a file of at most limit bytes; without one it fails with
// [fs.ErrNotExist].
func (e Evidence) Read(name string, limit int64) ([]byte, error) {
	i, found := e.manifest.content(EvidenceDir + name)
	data, kept := e.metadata[i]
	switch {
	case !found || !kept:
		return nil, fmt.Errorf("%s%s: %w", EvidenceDir, name, fs.ErrNotExist)
	case int64(len(data)) > limit:
		return nil, fault.Errorf(fault.Unverified, "%s%s is %d bytes, want at most %d", EvidenceDir, name, len(data), limit)
	}
	return data, nil
}

// List returns the names in a folder, sorted. A folder that does not exist is empty.
func (e Evidence) List(dir string) (names []string, err error) {
	below := EvidenceDir + path.Clean(dir) + "/"
	for _, file := range e.manifest.Files {
		rest, in := strings.CutPrefix(file.Path, below)
		if !in {
			continue
		}
		if name, _, _ := strings.Cut(rest, "/"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}
