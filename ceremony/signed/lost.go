package signed

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// lose takes the file of a delegated role out, if it is one, and remembers why: one
// supplier must not stop the timestamp of a fleet.
func (s *State) lose(role string, why error) bool {
	if slices.Contains(workspace.TopLevel, role) {
		return false
	}
	delete(s.Files, role)
	if s.Lost == nil {
		s.Lost = map[string]error{}
	}
	if s.Lost[role] == nil {
		s.Lost[role] = why
	}
	return true
}

// Undelivered says whether the signed targets file delegates to a role that has
// no file yet.
func (s *State) Undelivered(role string) bool {
	return s.File(role) == nil && s.Lost[role] == nil && s.Trusted(role)
}

// readBefore reads the files that snapshot states of delegated roles which have
// newer ones, as far as they lie beside them.
func (s *State) readBefore(files workspace.Files, names []string) error {
	snapshot, ok := s.Body("snapshot").(*roles.Snapshot)
	if !ok {
		return nil
	}
	for role := range s.Files {
		meta := snapshot.Find(role)
		if slices.Contains(workspace.TopLevel, role) || meta == nil {
			continue
		}
		name := s.MetadataPath(role, meta.Version)
		if path.Join(s.Dir, name) == s.Paths[role] || !slices.Contains(names, name) {
			continue
		}
		file, err := s.read(files, role, name)
		if err == nil && meta.States(file) {
			s.Before[role] = file
		} else if err != nil && fault.CodeOf(err) != fault.Unverified && !errors.Is(err, fs.ErrNotExist) {
			return err
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
