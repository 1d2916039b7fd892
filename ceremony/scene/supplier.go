package scene

import (
	"github.com/uptane/keyrite/roles"
)

// SuppliedChanges tells, image by image, what is new in a delegated file that
// snapshot does not state yet.
func (s *Scene) SuppliedChanges(role string) []roles.Change {
	file := s.Signed.File(role)
	if file == nil {
		return nil
	}
	if snapshot, ok := s.Signed.Sound("snapshot").(*roles.Snapshot); ok {
		if meta := snapshot.Find(role); meta != nil && meta.States(file) {
			return nil
		}
	}
	var before roles.Body
	if old := s.Signed.Before[role]; old != nil {
		before = old.Body
	}
	return roles.Diff(before, file.Body, roles.DiffOptions{Role: role, KeyName: s.Ring.Name})
}

// PassOver goes on without the new file of a delegated role, see [signed.State.PassOver].
func (s *Scene) PassOver(role string, why error) {
	s.Signed.PassOver(role, why)
	s.moved()
}

// Others says of a delegated role whether others answer for its file: no key of it
// is at a site.
func (s *Scene) Others(room Room) func(role string) bool { return s.Repo.Others(room.Holds) }
