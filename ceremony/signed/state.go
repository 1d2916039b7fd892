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
	// lie beside them.
	Before map[string]*roles.File

	// Server is the first role that a server signs, and not this ceremony; empty for
	// none. See [workspace.Repository.Server].
	Server roles.Type

	read        reader
	delegations map[*roles.Delegations]map[string]*roles.DelegatedRole // by name, of the files that were looked into
}

// New is a repository in which nothing is signed.
func New(repository string, f roles.Format) *State {
	return &State{Format: f, Dir: metadataDir(repository), Files: map[string]*roles.File{}, Paths: map[string]string{}, Before: map[string]*roles.File{}}
}

// Clone is a state of its own with the same files.
func (s *State) Clone() *State {
	clone := *s
	clone.Roots, clone.Files, clone.Paths = slices.Clone(s.Roots), maps.Clone(s.Files), maps.Clone(s.Paths)
	clone.Lost, clone.Passed, clone.Before = maps.Clone(s.Lost), maps.Clone(s.Passed), maps.Clone(s.Before)
	return &clone
}

// metadataDir is where a repository's metadata lies in the workspace.
func metadataDir(repository string) string { return path.Join(repository, "metadata") }

// Load reads a repository's metadata. A repository without any is an
// empty state. Nothing is verified yet.
func Load(files workspace.Files, repository string, f roles.Format) (*State, error) {
	return load(files, repository, f, roles.Read)
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
		file, err := s.readFile(files, "root", name)
		if err != nil {
			return nil, err
		}
		s.Roots = append(s.Roots, file)
		s.Paths["root"] = path.Join(s.Dir, name)
	}
	newest := Newest(f, names)
	for _, role := range slices.Sorted(maps.Keys(newest)) {
		s.Paths[role] = path.Join(s.Dir, newest[role])
		file, err := s.readFile(files, role, newest[role])
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
	t, full := RoleType(role), path.Join(s.Dir, name)
	data, err := files.Read(full, s.Format.MaxBytes(t))
	if err != nil {
		return nil, err
	}
	file, err := s.read(s.Format, t, data)
	if err != nil {
		return nil, &fault.Error{Code: fault.Unverified, Err: roles.InFile(full, err)}
	}
	return file, s.Rehearsal.Belongs(roles.FakeOf(file.Body) != nil, full+", by what its signed part says")
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
	case version > meta.Version || meta.States(file):
		return nil
	case delegated:
		return s.unverified(role, fmt.Errorf("version %d is published with other content; want that file, or version %d", version, version+1))
	case s.Server != "":
		return s.unverified(role, fmt.Errorf("the server knows other bytes as version %d", version))
	}
	return nil
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
		Hint("the file was changed after it was signed, or it is not this repository's; restore it from the last bundle")
}

func CountFor(file *roles.File, root *roles.Root, role string) error {
	return roles.CheckThreshold(file, *root.Role(role), root.Keys).Err()
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
