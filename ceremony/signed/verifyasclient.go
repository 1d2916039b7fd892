package signed

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// VerifyAsClient verifies a state from version 1 of its root as a client does
// that gets exactly its files. What is signed elsewhere, from the role until on, is
// left out; the rest must not be behind what is known of that. A delegated role
// whose file is missing, expired or broken is reported where others answer for it,
// and an error elsewhere.
func (s *State) VerifyAsClient(until roles.Type, others func(role string) bool, keyName func(roles.Key) string, now time.Time) (*roles.Report, error) {
	if err := s.Verify(); err != nil {
		return nil, err
	}
	client, err := roles.NewClient(s.Roots[0].Published(), newMemory(s, until), now)
	if err != nil {
		return nil, Unverified(s.Dir, err)
	}
	client.KeyName, client.Until, client.Newest, client.Tolerant = keyName, until, s.Version, true
	if _, err := VerifyAll(client); err != nil {
		return nil, Unverified(s.Dir, err)
	}
	for _, lost := range client.Report().Lost {
		if !others(lost.Role) && !others(lost.Delegator) { // a supplier may delegate to anybody's role
			return nil, Unverified(s.Dir, lost.Problem)
		}
	}
	return client.Report(), nil
}

// Nobody answers for no file: every one is to be good.
func Nobody(string) bool { return false }

// memory serves the files of a state as they were read, whatever lies on the
// disk by now. It is a [roles.ParsedSource].
type memory struct {
	*State
	raw    map[string][]byte
	parsed map[string]*roles.File
	lost   map[string]error
}

// Source serves the files of the state by their names below its folder.
func (s *State) Source() roles.ParsedSource { return newMemory(s, "") }

func newMemory(s *State, until roles.Type) memory {
	m := memory{s, s.Published(until), map[string]*roles.File{}, s.lostFiles()}
	for role, file := range s.Files {
		m.parsed[s.name(role)] = file
	}
	return m
}

// File is that of [roles.ParsedSource].
func (m memory) File(name string) *roles.File { return m.parsed[name] }

func (m memory) Get(name string, limit int64) ([]byte, error) {
	raw, ok := m.raw[name]
	if why := m.lost[name]; !ok && why != nil {
		return nil, why
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", path.Join(m.Dir, name), fs.ErrNotExist)
	}
	if int64(len(raw)) > limit {
		return nil, fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", path.Join(m.Dir, name), len(raw), limit)
	}
	return raw, nil
}

// Published are the files that a repository serves, by name, in the form that
// clients hash: every root, since vehicles walk the whole chain (TUF 1.0.34
// §6.2.1), and the newest of each other role, but for those from until on.
func (s *State) Published(until roles.Type) map[string][]byte {
	files := make(map[string][]byte, len(s.Roots)+len(s.Files)+1)
	for i, root := range s.Roots {
		files[s.Format.MetadataPath("root", int64(i+1))] = root.Published()
	}
	for role, file := range s.Files {
		if !slices.Contains(roles.From(until), roles.Type(role)) {
			files[s.name(role)] = file.Published()
		}
	}
	if name := s.Format.NewestRootPath(); name != "" && len(s.Roots) > 0 {
		files[name] = s.Root().Published()
	}
	return files
}

// OnDisk are the files as they were read or written, by path in the workspace.
func (s *State) OnDisk() map[string][]byte {
	files := make(map[string][]byte, len(s.Roots)+len(s.Files))
	for i, root := range s.Roots {
		files[path.Join(s.Dir, s.Format.MetadataPath("root", int64(i+1)))] = root.Raw
	}
	for role, file := range s.Files {
		files[s.pathOf(role)] = file.Raw
	}
	return files
}

// pathOf is where the file of a role was read.
func (s *State) pathOf(role string) string {
	if aside := s.aside[role]; aside != "" && s.Before[role] == nil {
		return aside
	}
	return s.Paths[role]
}

// InPlace is the file of a role that was read where it belongs, nil for none.
func (s *State) InPlace(role string) *roles.File {
	if s.pathOf(role) != s.Paths[role] {
		return nil
	}
	return s.File(role)
}

// name is that of a role's file below the metadata folder.
func (s *State) name(role string) string { return s.Paths[role][len(s.Dir)+1:] }

// Put takes in a file that was signed and written just now.
func (s *State) Put(role, where string, file *roles.File) {
	if role == "root" {
		s.Roots = append(s.Roots, file)
	} else {
		s.Files[role] = file
		delete(s.Lost, role)
		delete(s.aside, role)
	}
	s.Paths[role] = where
}

// Missing is the first role before until that has no sound file, and what to say
// of it; empty when all have one but those that others answer for.
func (s *State) Missing(until roles.Type, others func(role string) bool) (role, why string) {
	for _, role := range s.wanted(until) {
		if s.File(role) == nil && others(role) {
			continue
		}
		if s.File(role) == nil {
			return role, "is not signed yet"
		}
		if by, void := s.Void(role); void {
			return role, fmt.Sprintf("is void: root %d has replaced the keys that signed version %d", by+1, s.Version(role))
		}
	}
	return "", ""
}

// wanted are the roles of which a client wants a file, before until.
func (s *State) wanted(until roles.Type) []string {
	wanted := slices.DeleteFunc(slices.Clone(workspace.TopLevel), func(role string) bool { return slices.Contains(roles.From(until), roles.Type(role)) })
	if top := s.Targets("targets"); top != nil && top.Delegations != nil && until != roles.TypeTargets {
		for _, d := range top.Delegations.Roles {
			wanted = append(wanted, d.Name)
		}
	}
	return wanted
}

// VerifyAll verifies every file of a repository and lists its images.
func VerifyAll(client *roles.Client) ([]roles.Listed, error) {
	if err := client.Refresh(); err != nil {
		return nil, err
	}
	return client.All()
}

// Unverified says where verification failed.
func Unverified(where string, err error) *fault.Error {
	return &fault.Error{Code: fault.Unverified, Err: fmt.Errorf("%s: %w", where, err)}
}
