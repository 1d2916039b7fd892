package ceremony

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// Diff tells what changes between two metadata files, or between all files of
// two folders of metadata or bundles. Nothing is verified. The result is never
// nil.
func Diff(old, new string, keyName func(roles.Key) string) ([]roles.Change, error) {
	before, err := readBodies(old)
	if err != nil {
		return nil, err
	}
	after, err := readBodies(new)
	if err != nil {
		return nil, err
	}
	order := inOrder(before, after)
	if !slices.ContainsFunc(order, func(role string) bool { return before[role] != nil && after[role] != nil }) {
		return nil, Errorf(Usage, "%s and %s hold no metadata of the same type", old, new)
	}
	changes := []roles.Change{}
	for _, role := range order {
		if after[role] == nil {
			changes = append(changes, roles.Change{Role: role, What: "file", Old: "signed"})
			continue
		}
		changes = append(changes, roles.Diff(before[role], after[role], roles.DiffOptions{Role: role, KeyName: keyName})...)
	}
	return changes, nil
}

// inOrder lists the roles of both sides: the top-level ones first.
func inOrder(a, b map[string]roles.Body) []string {
	var list []string
	for _, role := range topLevel {
		if a[role] != nil || b[role] != nil {
			list = append(list, role)
		}
	}
	rest := maps.Clone(a)
	maps.Copy(rest, b)
	for _, role := range slices.Sorted(maps.Keys(rest)) {
		if !slices.Contains(topLevel, role) {
			list = append(list, role)
		}
	}
	return list
}

// readBodies reads one metadata file, or the newest of each role of a folder or
// bundle.
func readBodies(name string) (map[string]roles.Body, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, &Error{Code: Usage, Err: err}
	}
	if !info.IsDir() && strings.HasSuffix(name, ".json") {
		return readBody(name)
	}
	p, err := openPublished(name)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	files, err := p.newest()
	if err != nil {
		return nil, err
	}
	return files.bodies(), nil
}

// readBody reads a metadata file of whatever type it is.
func readBody(name string) (map[string]roles.Body, error) {
	data, err := ReadFile(name, maxInput)
	if err != nil {
		return nil, err
	}
	format, t, err := roles.Detect(data)
	if err != nil {
		return nil, &Error{Code: Unverified, Err: roles.InFile(name, err)}
	}
	file, err := roles.Read(format, t, data)
	if err != nil {
		return nil, &Error{Code: Unverified, Err: roles.InFile(name, err)}
	}
	return map[string]roles.Body{string(t): file.Body}, nil
}

// KeyNames returns a function that calls keys by their names in a workspace, or
// nil when there is none.
func KeyNames(dir string) func(roles.Key) string {
	ws, err := OpenWorkspace(dir)
	if err != nil {
		return nil
	}
	defer ws.Close()
	records, err := ws.Keys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) || len(records) == 0 {
		return nil
	}
	names := map[roles.Fingerprint]string{}
	for name, r := range records {
		names[r.Fingerprint()] = name
	}
	return func(k roles.Key) string {
		if name, ok := names[k.Fingerprint]; ok {
			return name
		}
		return string(k.ID[:min(12, len(k.ID))]) + "…"
	}
}
