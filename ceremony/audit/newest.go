package audit

import (
	"errors"
	"io/fs"
	"strconv"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
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
	n := &newestFiles{files: map[string]*roles.File{}, roots: signed.RootVersions(names)}
	root := "root.json"
	if len(n.roots) > 0 {
		root = strconv.FormatInt(n.roots[len(n.roots)-1], 10) + ".root.json"
	}
	data, err := p.metadata.Get(root, maxTrustedRoot)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Errorf(fault.Unverified, "%s: there is no root metadata", p.name)
	}
	if err != nil {
		return nil, err
	}
	if n.format, err = roles.DetectFormat(data); err != nil {
		return nil, signed.Unverified(p.name, roles.InFile(root, err))
	}
	paths := signed.Newest(n.format, names)
	paths["root"] = root
	for role, name := range paths {
		if n.files[role], err = p.readFile(n.format, role, name); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (p *published) readFile(f roles.Format, role, name string) (*roles.File, error) {
	data, err := p.metadata.Get(name, f.MaxBytes(signed.RoleType(role)))
	if err != nil {
		return nil, err
	}
	file, err := roles.Read(f, signed.RoleType(role), data)
	if err != nil {
		return nil, signed.Unverified(p.name, roles.InFile(name, err))
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
