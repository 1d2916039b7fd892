package ceremonies

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// dir is the folder of all ceremonies.
const dir = "ceremonies"

// replacedDir is where a site keeps the files that a ceremony replaces.
const replacedDir = "replaced"

// A site keeps the records of the keys that it made, and its signatures, in these.
const (
	KeysDir       = "keys"
	SignaturesDir = "signatures"
)

// PlanFile is the name of a plan in its ceremony's folder.
const PlanFile = "plan.yaml"

// Dir is the folder of a ceremony.
func Dir(ceremony string) string { return path.Join(dir, ceremony) }

// Names are the ceremonies by name, those of one repository in the order in which they
// were planned. What is no name of a ceremony is left out.
func Names(from workspace.Files) ([]string, error) {
	names, err := from.List(dir)
	names = slices.DeleteFunc(names, func(name string) bool { return !ceremonyName.MatchString(name) })
	slices.SortFunc(names, func(a, b string) int {
		const day = len(time.DateOnly)
		return cmp.Or(cmp.Compare(a[:day], b[:day]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return names, err
}

// Last is the highest number of a series of ceremonies, whose names begin alike; 0 for
// none.
func Last(names []string, series string) (last int) {
	for _, name := range names {
		if number, of := strings.CutPrefix(name, series); of {
			if n, err := strconv.Atoi(number); err == nil {
				last = max(last, n)
			}
		}
	}
	return last
}

// ceremonyName is how a ceremony and its folder are called.
var ceremonyName = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}-([a-z][a-z0-9-]*)-[1-9][0-9]*$`)

// SiteDir is where a site writes what it does of a ceremony, and nowhere else: its
// transcript, its signatures, the files that it replaced. So sites can be brought
// together, by git or on a stick, without a conflict.
func SiteDir(ceremony, site string) string { return path.Join(dir, ceremony, site) }

// Sites are the folders of the sites that began a ceremony, sorted.
func Sites(from workspace.Files, ceremony string) ([]string, error) {
	entries, err := from.List(Dir(ceremony))
	return slices.DeleteFunc(entries, func(name string) bool { return !disk.Names.MatchString(name) }), err
}

// RepositoryOf is the repository that a ceremony is of, by its name.
func RepositoryOf(ceremony string) (string, error) {
	m := ceremonyName.FindStringSubmatch(ceremony)
	if m == nil {
		return "", fault.Errorf(fault.Usage, "ceremony is %q, want DATE-REPOSITORY-N", ceremony)
	}
	return m[1], nil
}

// Name takes the name of a ceremony from what people call it: its name, its
// folder, or its plan.
func Name(given string) (string, error) {
	name := strings.TrimSuffix(path.Clean(given), "/"+PlanFile)
	if above, base := path.Split(name); path.Clean(above) == dir {
		name = base
	}
	if _, err := RepositoryOf(name); err != nil {
		return "", fault.Errorf(fault.Usage, "%s is not a plan; want a ceremony such as 2026-11-30-image-1, its folder or its plan.yaml", given).
			Hint("keyrite status lists plans that have not run")
	}
	return name, nil
}

// KeyPath is where a site keeps the record of a key that it made, for the others.
func KeyPath(ceremony, site, key string) string {
	return path.Join(SiteDir(ceremony, site), KeysDir, key+".yaml")
}

// Kept is where a site keeps the file that a ceremony replaces.
func Kept(ceremony, site, file string) string {
	return path.Join(SiteDir(ceremony, site), replacedDir, path.Base(file))
}
