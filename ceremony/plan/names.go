package plan

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// ceremonies is the folder of all ceremonies.
const ceremonies = "ceremonies"

// Files of a ceremony's folder.
const (
	planFile    = "plan.yaml"
	changesFile = "changes.jsonl"
	replacedDir = "replaced"
)

// ToBeGenerated stands behind the name of a key that is not there yet.
const ToBeGenerated = " (to be generated)"

// ceremonyName is how a ceremony and its folder are called.
var ceremonyName = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}-([a-z][a-z0-9-]*)-[1-9][0-9]*$`)

// SiteDir is where a site writes what it does of a ceremony, and nowhere else: its
// transcript, its signatures, the files that it replaced. So sites can be brought
// together, by git or on a stick, without a conflict.
func SiteDir(ceremony, site string) string { return path.Join(ceremonies, ceremony, site) }

// Sites are the folders of the sites that began a ceremony, sorted.
func Sites(from workspace.Files, ceremony string) ([]string, error) {
	entries, err := from.List(path.Join(ceremonies, ceremony))
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
	name := strings.TrimSuffix(path.Clean(given), "/"+planFile)
	if dir, base := path.Split(name); path.Clean(dir) == ceremonies {
		name = base
	}
	if _, err := RepositoryOf(name); err != nil {
		return "", fault.Errorf(fault.Usage, "%s is not a plan; want a ceremony such as 2026-11-30-image-1, its folder or its plan.yaml", given).
			Hint("keyrite status lists plans that have not run")
	}
	return name, nil
}

// Kept is where a site keeps the file that a ceremony replaces.
func Kept(ceremony, site, file string) string {
	return path.Join(SiteDir(ceremony, site), replacedDir, path.Base(file))
}

func list(names []string) string { return words.List(names) }
