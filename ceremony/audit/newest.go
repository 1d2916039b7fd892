package audit

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

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
	if n.files["root"], err = p.look(n.format, "root", root); err != nil {
		return nil, err
	}
	return n, n.follow(p, signed.Newest(n.format, names))
}

// follow reads what root and the delegations name, in their order: other files of
// the folder are nobody's.
func (n *newestFiles) follow(p *published, paths map[string]string) error {
	queue := []string{"timestamp", "snapshot", "targets"}
	for len(queue) > 0 {
		role := queue[0]
		queue = queue[1:]
		name, there := paths[role]
		if !there || n.files[role] != nil {
			continue
		}
		file, err := p.look(n.format, role, name)
		if err != nil {
			return err
		}
		n.files[role] = file
		if t, ok := file.Body.(*roles.Targets); ok && t.Delegations != nil && len(n.files) < roles.MaxDelegations {
			for _, d := range t.Delegations.Roles {
				queue = append(queue, d.Name)
			}
		}
	}
	return nil
}

// look reads a file also where nothing may be signed on top of it.
func (p *published) look(f roles.Format, role, name string) (*roles.File, error) {
	data, err := p.metadata.Get(name, f.MaxBytes(signed.RoleType(role)))
	if err != nil {
		return nil, err
	}
	file, err := roles.Inspect(f, signed.RoleType(role), data)
	if err != nil {
		return nil, signed.Unverified(p.name, roles.InFile(name, err))
	}
	file.Name = name
	return file, nil
}

// oddities say of each file that can be looked at and no more what is odd.
func oddities(files map[string]*roles.File) []signed.Odd {
	var list []signed.Odd
	for _, role := range slices.Sorted(maps.Keys(files)) {
		if file := files[role]; file.Problem != nil {
			list = append(list, signed.OddOf(file.Name, file, "it can be looked at, and nothing is signed on top of it"))
		}
	}
	return list
}

func oddText(list []signed.Odd) string {
	var lines []string
	for _, o := range list {
		lines = append(lines, o.String())
	}
	return strings.Join(lines, "; ")
}
