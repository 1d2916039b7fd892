package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Difference is what changes between two states of metadata.
type Difference struct {
	Changes []roles.Change `json:"changes"`       // never nil
	Odd     []signed.Odd   `json:"odd,omitempty"` // files that can be looked at and no more
}

// Diff tells what changes between two metadata files, or between all files of
// two folders of metadata or bundles. Nothing is verified.
func Diff(old, new string, keyName func(roles.Key) string) (*Difference, error) {
	before, err := readFiles(old)
	if err != nil {
		return nil, err
	}
	after, err := readFiles(new)
	if err != nil {
		return nil, err
	}
	order := inOrder(before, after)
	if !slices.ContainsFunc(order, func(role string) bool { return before[role] != nil && after[role] != nil }) {
		return nil, fault.Errorf(fault.Usage, "%s and %s hold no metadata of the same type", old, new)
	}
	changes := []roles.Change{}
	for _, role := range order {
		if after[role] == nil {
			changes = append(changes, roles.Change{Role: role, What: "file", Old: "signed"})
			continue
		}
		changes = append(changes, roles.Diff(body(before[role]), body(after[role]), roles.DiffOptions{Role: role, KeyName: keyName})...)
	}
	return &Difference{changes, append(oddities(before), oddities(after)...)}, nil
}

// body is the content of a file, nil where there is none.
func body(file *roles.File) roles.Body {
	if file == nil {
		return nil
	}
	return file.Body
}

// inOrder lists the roles of both sides: the top-level ones first.
func inOrder(a, b map[string]*roles.File) []string {
	var list []string
	for _, role := range workspace.TopLevel {
		if a[role] != nil || b[role] != nil {
			list = append(list, role)
		}
	}
	rest := maps.Clone(a)
	maps.Copy(rest, b)
	for _, role := range slices.Sorted(maps.Keys(rest)) {
		if !slices.Contains(workspace.TopLevel, role) {
			list = append(list, role)
		}
	}
	return list
}

// readFiles reads one metadata file, or the newest of each role of a folder or
// bundle.
func readFiles(name string) (map[string]*roles.File, error) {
	file, err := isFile(name)
	if err != nil {
		return nil, err
	}
	if file && strings.HasSuffix(name, ".json") {
		return readFile(name)
	}
	p, err := openPublished(name)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	n, err := p.newest()
	if err != nil {
		return nil, err
	}
	return n.files, nil
}

// readFile reads a metadata file of whatever type it is.
func readFile(name string) (map[string]*roles.File, error) {
	data, err := disk.ReadFile(name, disk.MaxInput)
	if err != nil {
		return nil, err
	}
	format, t, err := roles.Detect(data)
	if err != nil {
		return nil, &fault.Error{Code: fault.Unverified, Err: roles.InFile(name, err)}
	}
	file, err := roles.Inspect(format, t, data)
	if err != nil {
		return nil, &fault.Error{Code: fault.Unverified, Err: roles.InFile(name, err)}
	}
	file.Name = name
	return map[string]*roles.File{string(t): file}, nil
}
