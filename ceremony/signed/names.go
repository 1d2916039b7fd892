package signed

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// RootVersions lists the versions of the numbered roots, ascending.
func RootVersions(names []string) []int64 {
	var versions []int64
	for _, name := range names {
		if role, version, ok := roles.RoleOf(roles.TUF, name); ok && role == "root" && version > 0 {
			versions = append(versions, version) // the roots of both formats are called alike
		}
	}
	slices.Sort(versions)
	return versions
}

// MetadataNames lists the JSON files of a metadata folder and of its
// delegations folder, relative to it.
func MetadataNames(folder workspace.Files, dir string) ([]string, error) {
	var names []string
	for _, sub := range []string{"", "delegations"} {
		list, err := folder.List(path.Join(dir, sub))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, name := range list {
			if strings.HasSuffix(name, ".json") {
				names = append(names, path.Join(sub, name))
			}
		}
	}
	return names, nil
}
