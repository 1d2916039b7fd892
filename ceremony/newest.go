package ceremony

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// newestFiles are the newest files of each role as they stand, not verified:
// for looking at what others made.
type newestFiles struct {
	format roles.Format
	files  map[string]*roles.File // by role
	roots  []int64                // versions of all roots, ascending
}

// newest reads the newest file of each role of a published repository.
func (p *published) newest() (*newestFiles, error) {
	names, err := p.names()
	if err != nil {
		return nil, err
	}
	n := &newestFiles{files: map[string]*roles.File{}, roots: rootVersions(names)}
	root := "root.json"
	if len(n.roots) > 0 {
		root = strconv.FormatInt(n.roots[len(n.roots)-1], 10) + ".root.json"
	}
	data, err := p.metadata.Get(root, maxTrustedRoot)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Errorf(Unverified, "%s: there is no root metadata", p.name)
	}
	if err != nil {
		return nil, err
	}
	if n.format, err = roles.DetectFormat(data); err != nil {
		return nil, unverified(p.name, roles.InFile(root, err))
	}
	paths := newest(n.format, names)
	paths["root"] = root
	for role, name := range paths {
		if n.files[role], err = p.readFile(n.format, role, name); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (p *published) readFile(f roles.Format, role, name string) (*roles.File, error) {
	data, err := p.metadata.Get(name, f.MaxBytes(roleType(role)))
	if err != nil {
		return nil, err
	}
	file, err := roles.Read(f, roleType(role), data)
	if err != nil {
		return nil, unverified(p.name, roles.InFile(name, err))
	}
	return file, nil
}

// bodies are the contents of the files, by role.
func (n *newestFiles) bodies() map[string]roles.Body {
	bodies := map[string]roles.Body{}
	for role, file := range n.files {
		bodies[role] = file.Body
	}
	return bodies
}

// rootVersions lists the versions of the numbered roots, ascending.
func rootVersions(names []string) []int64 {
	var versions []int64
	for _, name := range names {
		if m := numbered.FindStringSubmatch(name); m != nil && m[2] == "root" {
			version, _ := strconv.ParseInt(m[1], 10, 64)
			versions = append(versions, version)
		}
	}
	slices.Sort(versions)
	return versions
}

// metadataNames lists the JSON files of a metadata folder and of its
// delegations folder, relative to it.
func metadataNames(folder *Folder, dir string) ([]string, error) {
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
