package signed

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// maxFloor is the version up to which the next one is counted from what a server
// signed last. Above it somebody seems to spend versions on purpose, and clients
// that forget the file begin anew (Uptane Standard 2.1.0 §5.4.4.3, 4).
const maxFloor = 1 << 30

// Due lists what the server has to sign once these files are in place, in the order
// of signing. planned are the versions of files that are about to be signed, by
// role; void says of a role whether the file that is known of it will be void.
func (s *State) Due(repo *workspace.Repository, planned map[string]int64, void func(role string) bool) (list []roles.Due) {
	versions := map[string]int64{}
	for role, file := range s.Files {
		versions[role] = roles.HeadOf(file.Body).Version
	}
	maps.Copy(versions, planned)
	for _, t := range roles.From(s.Server) {
		role := string(t)
		over := s.over(t, versions, void)
		if s.File(role) != nil && len(over) == 0 && !void(role) {
			continue
		}
		d := roles.Due{Role: t, Version: s.next(role, void), Over: over}
		if floor := repo.Floor(role); d.Version < floor {
			d.Version = floor
		}
		d.Keys, _ = repo.Signers(role)
		versions[role] = d.Version
		list = append(list, d)
	}
	return list
}

// over is what a role's file has to state, and states otherwise so far.
func (s *State) over(t roles.Type, versions map[string]int64, void func(string) bool) (list []roles.Stated) {
	add := func(role string, known *roles.Meta) {
		version, there := versions[role]
		if there && (known != nil || s.Trusted(role)) && (known == nil || version != known.Version) {
			list = append(list, roles.Stated{Role: role, Version: version})
		}
	}
	switch t {
	case roles.TypeSnapshot:
		known, _ := s.Body("snapshot").(*roles.Snapshot)
		for _, role := range slices.Sorted(maps.Keys(versions)) {
			if RoleType(role) == roles.TypeTargets {
				add(role, find(known, role))
			}
		}
	case roles.TypeTimestamp:
		if known, ok := s.Body("timestamp").(*roles.Timestamp); ok {
			add("snapshot", &known.Snapshot)
		} else {
			add("snapshot", nil)
		}
	}
	return list
}

func find(s *roles.Snapshot, role string) *roles.Meta {
	if s == nil {
		return nil
	}
	return s.Find(role)
}

// next is the version after the one that is known of a role that a server signs: 0
// where none is, except in a repository that begins.
func (s *State) next(role string, void func(string) bool) int64 {
	known := s.Version(role)
	switch {
	case known == 0 && len(s.Roots) > 0:
		return 0
	case known > maxFloor && void(role) && role != "targets":
		return 1
	}
	return known + 1
}
