package signed

import (
	"cmp"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Signers are who signed a file.
type Signers struct {
	*roles.Count
	Root int64 // version of the root whose threshold they meet, 0 for a delegated role
}

// Count counts who signed the file of a role, by the newest root whose threshold
// they meet. It is nil without a file, and for one that nobody delegates to.
func (s *State) Count(role string) (*Signers, error) {
	file := s.File(role)
	if file == nil {
		return nil, nil
	}
	if !slices.Contains(workspace.TopLevel, role) {
		count := s.byDelegation(role, file)
		if count == nil {
			return nil, nil
		}
		return &Signers{count, 0}, count.Err()
	}
	return s.byRoot(role, file)
}

// byRoot is Count for a top-level role. The error is what the newest root says.
func (s *State) byRoot(role string, file *roles.File) (*Signers, error) {
	var newest error
	for _, root := range slices.Backward(s.Roots) {
		body := root.Body.(*roles.Root)
		count := roles.CheckThreshold(file, *body.Role(role), body.Keys)
		err := count.Err()
		if err == nil {
			return &Signers{count, body.Version}, nil
		}
		if newest == nil {
			newest = err
		}
	}
	return nil, newest
}

// Void says whether the file of a role was signed by keys that a newer root has
// replaced since: no client takes it any more. by is the last root by which it was
// good.
func (s *State) Void(role string) (by int64, void bool) {
	count, err := s.Count(role)
	if count == nil || err != nil || count.Root == 0 || count.Root == s.RootBody().Version {
		return 0, false
	}
	return count.Root, true
}

// IsVoid is Void without the root.
func (s *State) IsVoid(role string) bool {
	_, void := s.Void(role)
	return void
}

// Sound is the content of a role's file, nil where there is none or it is void.
func (s *State) Sound(role string) roles.Body {
	if s.IsVoid(role) {
		return nil
	}
	return s.Body(role)
}

// preferSound takes, in the place of a void file, the newest that is not void: a
// thief may have spent the versions, and a server begins anew below them.
func (s *State) preferSound(files workspace.Files, names []string) error {
	for role := range s.Files {
		if !s.IsVoid(role) {
			continue
		}
		void, where := s.Files[role], s.Paths[role]
		for _, name := range editions(s.Format, names, role) {
			file, err := s.readFile(files, role, path.Join(s.Dir, name))
			if err != nil {
				return err
			}
			s.Files[role], s.Paths[role] = file, path.Join(s.Dir, name)
			if count, err := s.Count(role); err == nil && count.Root == s.RootBody().Version {
				break
			}
			s.Files[role], s.Paths[role] = void, where
		}
	}
	return nil
}

// editions are the names of all files of a role, the newest first.
func editions(f roles.Format, names []string, role string) (list []string) {
	version := func(name string) int64 {
		of, version, ok := roles.RoleOf(f, name)
		if !ok || of != role {
			return -1
		}
		return version
	}
	for _, name := range names {
		if version(name) >= 0 {
			list = append(list, name)
		}
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	return list
}
