package signed

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Verify checks every signature of the state: the chain of roots from version
// 1, and each other file by the newest root or by its delegation; one whose keys
// a newer root has replaced may be by an earlier root, see Void. Expiry is not
// looked at: an expired repository is what a ceremony renews. A supplier's file
// that fails is taken out, see Lost, and stops nothing else.
func (s *State) Verify() error {
	for i, file := range s.Roots {
		signers := []*roles.File{file}
		if i > 0 {
			signers = append(signers, s.Roots[i-1])
		}
		for _, by := range signers {
			if err := CountFor(file, by.Body.(*roles.Root), "root"); err != nil {
				return s.unverifiedAt(s.at("root", int64(i+1)), err)
			}
		}
		if v := roles.HeadOf(file.Body).Version; v != int64(i+1) {
			return s.unverifiedAt(s.at("root", int64(i+1)), fmt.Errorf("version is %d, want %d", v, i+1))
		}
	}
	for _, role := range slices.Sorted(maps.Keys(s.Files)) {
		if err := s.settle(role); err != nil {
			return err
		}
	}
	return s.checkRollback()
}

// settle finds a sound file of a role, or none where it is a supplier's.
func (s *State) settle(role string) error {
	for s.Files[role] != nil {
		err := s.checkFile(role)
		if err == nil {
			return nil
		}
		if !s.lose(role, err) {
			return err
		}
	}
	return nil
}

// checkFile checks who signed the file of a role, and that it lies where files of
// its version do.
func (s *State) checkFile(role string) error {
	if _, err := s.Count(role); err != nil {
		return s.unverified(role, err)
	}
	version := s.Version(role)
	if !slices.Contains(roles.MetadataPaths(s.Format, role, s.number(role, version)), s.name(role)) {
		return s.unverified(role, fmt.Errorf("version is %d, which lies in %s", version, s.MetadataPath(role, version)))
	}
	return nil
}

// checkRollback finds an old file that was put in the place of a newer one, or
// a newer one that was taken away: snapshot says how far every targets file had
// come, and timestamp how far snapshot. What is signed on top of an old file
// would be a second file with one version. Who signs elsewhere may be ahead. Void
// files state nothing: whoever has the old keys may have signed them.
func (s *State) checkRollback() error {
	for _, meta := range s.stated() {
		role := strings.TrimSuffix(meta.Name, ".json")
		if !s.Trusted(role) && (s.File(role) == nil || s.Version(role) >= meta.Version) {
			continue // nobody delegates to it any more
		}
		if err := s.checkStated(role, &meta); err != nil && !s.lose(role, err) {
			return err
		}
	}
	return nil
}

func (s *State) checkStated(role string, meta *roles.Meta) error {
	file, delegated := s.File(role), !slices.Contains(workspace.TopLevel, role)
	switch version := s.Version(role); {
	case file == nil:
		return s.unverifiedAt(s.at(role, meta.Version), fmt.Errorf("the file is missing; version %d of it was signed already", meta.Version))
	case version < meta.Version:
		return s.unverified(role, fmt.Errorf("version is %d, but version %d was signed already", version, meta.Version))
	case version > meta.Version || meta.States(file) || s.IsVoid(role):
		return nil
	case delegated:
		return s.unverified(role, fmt.Errorf("version %d is published with other content; want that file, or version %d", version, version+1))
	case s.Server != "":
		return s.unverified(role, fmt.Errorf("the server knows other bytes as version %d", version))
	}
	return s.unverified(role, fmt.Errorf("version %d was signed already with other content", meta.Version))
}

// stated is what snapshot and timestamp say of other files.
func (s *State) stated() (list []roles.Meta) {
	if snapshot, ok := s.Sound("snapshot").(*roles.Snapshot); ok {
		list = append(list, snapshot.Meta...)
	}
	if timestamp, ok := s.Sound("timestamp").(*roles.Timestamp); ok {
		list = append(list, timestamp.Snapshot)
	}
	return list
}

// Trusted says whether a role is a top-level one or a signed targets file
// delegates to it.
func (s *State) Trusted(role string) bool {
	return slices.Contains(workspace.TopLevel, role) || s.delegation(role) != nil
}

// at is where the file of a role and version lies.
func (s *State) at(role string, version int64) string {
	return path.Join(s.Dir, s.MetadataPath(role, version))
}

func (s *State) unverified(role string, err error) error {
	return s.unverifiedAt(s.Paths[role], err)
}

func (s *State) unverifiedAt(where string, err error) error {
	return fault.Errorf(fault.Unverified, "%s: %w", where, err).
		Hint("it was changed or taken away after it was signed, or it is another repository's; restore it from the last bundle")
}

func CountFor(file *roles.File, root *roles.Root, role string) error {
	return roles.CheckThreshold(file, *root.Role(role), root.Keys).Err()
}
