package signed

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// lose takes the file of a delegated role out, if it is one, and remembers why: one
// supplier must not stop the timestamp of a fleet. Where the file that is published
// lies beside it, that one stays.
func (s *State) lose(role string, why error) bool {
	if slices.Contains(workspace.TopLevel, role) {
		return false
	}
	delete(s.Files, role)
	if before := s.Before[role]; before != nil {
		delete(s.Before, role)
		s.Files[role], s.Paths[role] = before, s.at(role, roles.HeadOf(before.Body).Version)
		remember(&s.Passed, role, why)
		return true
	}
	remember(&s.Lost, role, why)
	return true
}

// remember keeps the first reason.
func remember(reasons *map[string]error, role string, why error) {
	if *reasons == nil {
		*reasons = map[string]error{}
	}
	if (*reasons)[role] == nil {
		(*reasons)[role] = why
	}
}

// Undelivered says whether the signed targets file delegates to a role that has
// no file yet.
func (s *State) Undelivered(role string) bool {
	return s.File(role) == nil && s.Lost[role] == nil && s.Trusted(role)
}

// readBefore reads the files of delegated roles that snapshot states, as far as newer
// ones lie beside them.
func (s *State) readBefore(files workspace.Files, names []string) error {
	snapshot, ok := s.Body("snapshot").(*roles.Snapshot)
	if !ok {
		return nil
	}
	for i := range snapshot.Meta {
		meta := &snapshot.Meta[i]
		role := strings.TrimSuffix(meta.Name, ".json")
		name := s.MetadataPath(role, meta.Version)
		if slices.Contains(workspace.TopLevel, role) || path.Join(s.Dir, name) == s.Paths[role] || !slices.Contains(names, name) {
			continue
		}
		file, err := s.readFile(files, role, name)
		if err != nil && fault.CodeOf(err) != fault.Unverified && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err != nil || !meta.States(file) {
			continue
		}
		s.Before[role] = file
		if why := s.Lost[role]; why != nil {
			delete(s.Lost, role)
			s.lose(role, why)
		}
	}
	return nil
}

// lostFiles are the names of files below the metadata folder that are of no use,
// and why.
func (s *State) lostFiles() map[string]error {
	names := map[string]error{}
	for role, why := range s.Lost {
		where := s.Paths[role]
		if where == "" {
			continue
		}
		names[s.name(role)] = fmt.Errorf("it is passed over: %w", why)
	}
	return names
}

// Odd says of each file that can be looked at and no more what is odd about it.
func (s *State) Odd() []string {
	var list []string
	note := func(where string, file *roles.File) {
		if file.Problem != nil {
			list = append(list, fmt.Sprintf("%v; nothing can be signed on top of it", roles.InFile(where, file.Problem)))
		}
	}
	for i, root := range s.Roots {
		note(s.at("root", int64(i+1)), root)
	}
	for _, role := range slices.Sorted(maps.Keys(s.Files)) {
		note(s.Paths[role], s.Files[role])
	}
	return list
}
