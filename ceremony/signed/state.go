package signed

import (
	"maps"
	"path"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// State is what is signed now: the metadata of one repository as it lies
// in the workspace.
type State struct {
	Format roles.Format
	Dir    string                 // REPOSITORY/metadata
	Roots  []*roles.File          // version 1 to the newest, without a gap
	Files  map[string]*roles.File // newest file of each other role
	Paths  map[string]string      // where each of files lies; root under "root"

	Rehearsal *workspace.Rehearsal // that all of it is of; nil where it is meant
	// Lost are the delegated roles whose file is there and of no use, or missing though
	// it was published, and why. What they sign stays as it was published.
	Lost map[string]error
	// Passed are the delegated roles whose newer file is of no use, and why: the one
	// that is published stays.
	Passed map[string]error
	// Before are the files of delegated roles that are published, where newer ones
	// lie beside them or in their place.
	Before map[string]*roles.File

	// Server is the first role that a server signs, and not this ceremony; empty for
	// none. See [workspace.Repository.Server].
	Server roles.Type

	read        reader
	aside       map[string]string                                      // where files lie that are published, and others took the place of
	delegations map[*roles.Delegations]map[string]*roles.DelegatedRole // by name, of the files that were looked into
}

// New is a repository in which nothing is signed.
func New(repository string, f roles.Format) *State {
	return &State{Format: f, Dir: MetadataDir(repository), Files: map[string]*roles.File{}, Paths: map[string]string{}, Before: map[string]*roles.File{}, aside: map[string]string{}}
}

// Clone is a state of its own with the same files.
func (s *State) Clone() *State {
	clone := *s
	clone.Roots, clone.Files, clone.Paths = slices.Clone(s.Roots), maps.Clone(s.Files), maps.Clone(s.Paths)
	clone.Lost, clone.Passed, clone.Before = maps.Clone(s.Lost), maps.Clone(s.Passed), maps.Clone(s.Before)
	clone.aside = maps.Clone(s.aside)
	return &clone
}

// MetadataDir is the folder of what is signed of a repository, in its workspace.
func MetadataDir(repository string) string { return path.Join(repository, "metadata") }

// Load reads a repository's metadata. A repository without any is an
// empty state. Nothing is verified yet.
func Load(files workspace.Files, repository string, f roles.Format) (*State, error) {
	return load(files, repository, f, roles.Read)
}

// Of is Load of a declared repository, in its format.
func Of(files workspace.Files, repo *workspace.Repository) (*State, error) {
	format, err := roles.FormatByName(repo.Format)
	if err != nil {
		return nil, err
	}
	return Load(files, repo.Name, format)
}

// Look is Load also where there is old metadata that nothing may be signed on top
// of: such a file has a Problem, and Verify refuses it.
func Look(files workspace.Files, repository string, f roles.Format) (*State, error) {
	return load(files, repository, f, roles.Inspect)
}

type reader func(roles.Format, roles.Type, []byte) (*roles.File, error)

func load(files workspace.Files, repository string, f roles.Format, read reader) (*State, error) {
	s := New(repository, f)
	s.read = read
	var err error
	if s.Rehearsal, err = (workspace.View{Files: files}).Rehearsal(); err != nil {
		return nil, err
	}
	names, err := MetadataNames(files, s.Dir)
	if err != nil {
		return nil, err
	}
	for version := int64(1); ; version++ {
		name := f.MetadataPath("root", version)
		if !slices.Contains(names, name) {
			break
		}
		file, err := s.readFile(files, "root", path.Join(s.Dir, name))
		if err != nil {
			return nil, err
		}
		s.Roots = append(s.Roots, file)
		s.Paths["root"] = path.Join(s.Dir, name)
	}
	newest := Newest(f, names)
	for _, role := range slices.Sorted(maps.Keys(newest)) {
		s.Paths[role] = path.Join(s.Dir, newest[role])
		file, err := s.readFile(files, role, s.Paths[role])
		if err != nil && !s.lose(role, err) {
			return nil, err
		}
		if err == nil {
			s.Files[role] = file
		}
	}
	if err := s.preferSound(files, names); err != nil {
		return nil, err
	}
	if err := s.readBefore(files, names); err != nil {
		return nil, err
	}
	if len(s.Roots) == 0 && len(names) > 0 {
		return nil, fault.Errorf(fault.Unverified, "%s: there is metadata but no %s", s.Dir, f.MetadataPath("root", 1))
	}
	return s, nil
}

// Newest picks the newest file of each role other than root, by the layout of
// the format. Of two spellings of one name it takes the one that keyrite writes.
func Newest(f roles.Format, names []string) map[string]string {
	found, versions := map[string]string{}, map[string]int64{}
	for _, name := range names {
		role, version, ok := roles.RoleOf(f, name)
		if !ok || role == "root" || version < versions[role] {
			continue
		}
		if other := found[role]; other != "" && version == versions[role] && other == f.MetadataPath(role, version) {
			continue
		}
		found[role], versions[role] = name, version
	}
	return found
}

// NewestVersions are the versions in the names that Newest picks, 0 for a name
// without one.
func NewestVersions(f roles.Format, names []string) map[string]int64 {
	versions := map[string]int64{}
	for role, name := range Newest(f, names) {
		_, versions[role], _ = roles.RoleOf(f, name)
	}
	return versions
}

func (s *State) readFile(files workspace.Files, role, name string) (*roles.File, error) {
	t := RoleType(role)
	data, err := files.Read(name, s.Format.MaxBytes(t))
	if err != nil {
		return nil, err
	}
	file, err := s.read(s.Format, t, data)
	if err != nil {
		return nil, &fault.Error{Code: fault.Unverified, Err: roles.InFile(name, err)}
	}
	if summed, ok := files.(workspace.Summed); ok {
		file.Summed(summed.Sum(name))
	}
	return file, s.Rehearsal.Belongs(roles.FakeOf(file.Body) != nil, name+", by what its signed part says")
}

// Root is the newest root, nil when none is signed yet.
func (s *State) Root() *roles.File {
	if len(s.Roots) == 0 {
		return nil
	}
	return s.Roots[len(s.Roots)-1]
}

// RootBody is the content of the newest root, nil when none is signed yet.
func (s *State) RootBody() *roles.Root {
	if len(s.Roots) == 0 {
		return nil
	}
	return s.Root().Body.(*roles.Root)
}

// MetadataPath is where the file of a role lies in Dir.
func (s *State) MetadataPath(role string, version int64) string {
	return s.Format.MetadataPath(role, s.number(role, version))
}

// number is the version in a file's name, 0 for none: in a repository without
// consistent snapshots only root is numbered (TUF 1.0.34 §6.2).
func (s *State) number(role string, version int64) int64 {
	if root := s.RootBody(); role != "root" && root != nil && !root.ConsistentSnapshot {
		return 0
	}
	return version
}

// ImagePaths are where an image lies in the published targets folder.
func (s *State) ImagePaths(image roles.Image) []string {
	if root := s.RootBody(); root != nil {
		return root.ImagePaths(s.Format, image)
	}
	return s.Format.ImagePaths(image)
}

// File returns the signed file of any role, nil when there is none.
func (s *State) File(role string) *roles.File {
	if role == "root" {
		return s.Root()
	}
	return s.Files[role]
}

// Body returns the signed content of a role, nil when there is none.
func (s *State) Body(role string) roles.Body {
	if f := s.File(role); f != nil {
		return f.Body
	}
	return nil
}

// Version is that of the signed file of a role, 0 when there is none.
func (s *State) Version(role string) int64 {
	if b := s.Body(role); b != nil {
		return roles.HeadOf(b).Version
	}
	return 0
}

// Targets is the signed content of a targets role, nil when there is none.
func (s *State) Targets(role string) *roles.Targets {
	t, _ := s.Body(role).(*roles.Targets)
	return t
}

// RoleType tells the type of the file of a role.
func RoleType(role string) roles.Type {
	for _, t := range roles.TopLevel {
		if role == string(t) {
			return t
		}
	}
	return roles.TypeTargets
}

// RootPath is where root of that version lies.
func (s *State) RootPath(version int64) string {
	return path.Join(s.Dir, s.Format.MetadataPath("root", version))
}
