package ceremony

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// signedState is what is signed now: the metadata of one repository as it lies
// in the workspace.
type signedState struct {
	format roles.Format
	dir    string                 // REPOSITORY/metadata
	roots  []*roles.File          // version 1 to the newest, without a gap
	files  map[string]*roles.File // newest file of each other role
	paths  map[string]string      // where each of files lies; root under "root"
}

// metadataDir is where a repository's metadata lies in the workspace.
func metadataDir(repository string) string { return path.Join(repository, "metadata") }

// loadState reads a repository's metadata. A repository without any is an
// empty state. Nothing is verified yet.
func loadState(ws *Workspace, repository string, f roles.Format) (*signedState, error) {
	s := &signedState{format: f, dir: metadataDir(repository), files: map[string]*roles.File{}, paths: map[string]string{}}
	names, err := metadataNames(ws.Folder, s.dir)
	if err != nil {
		return nil, err
	}
	for version := int64(1); ; version++ {
		name := f.MetadataPath("root", version)
		if !slices.Contains(names, name) {
			break
		}
		file, err := s.read(ws, "root", name)
		if err != nil {
			return nil, err
		}
		s.roots = append(s.roots, file)
		s.paths["root"] = path.Join(s.dir, name)
	}
	for role, name := range newest(f, names) {
		if s.files[role], err = s.read(ws, role, name); err != nil {
			return nil, err
		}
		s.paths[role] = path.Join(s.dir, name)
	}
	if len(s.roots) == 0 && len(names) > 0 {
		return nil, Errorf(Unverified, "%s: there is metadata but no %s", s.dir, f.MetadataPath("root", 1))
	}
	return s, nil
}

var numbered = regexp.MustCompile(`^([1-9][0-9]{0,9})\.(.+)\.json$`)

// newest picks the newest file of each role other than root, by the layout of
// the format.
func newest(f roles.Format, names []string) map[string]string {
	found, versions := map[string]string{}, map[string]int64{}
	for _, name := range names {
		role, version := strings.TrimSuffix(path.Base(name), ".json"), int64(0)
		if m := numbered.FindStringSubmatch(name); m != nil {
			role = m[2]
			version, _ = strconv.ParseInt(m[1], 10, 64)
		}
		if role == "root" || f.MetadataPath(role, version) != name || version < versions[role] {
			continue
		}
		found[role], versions[role] = name, version
	}
	return found
}

func (s *signedState) read(ws *Workspace, role, name string) (*roles.File, error) {
	t, full := roleType(role), path.Join(s.dir, name)
	data, err := ws.Read(full, s.format.MaxBytes(t))
	if err != nil {
		return nil, err
	}
	file, err := roles.Read(s.format, t, data)
	if err != nil {
		return nil, &Error{Code: Unverified, Err: roles.InFile(full, err)}
	}
	return file, nil
}

// root is the newest root, nil when none is signed yet.
func (s *signedState) root() *roles.File {
	if len(s.roots) == 0 {
		return nil
	}
	return s.roots[len(s.roots)-1]
}

// rootBody is the content of the newest root, nil when none is signed yet.
func (s *signedState) rootBody() *roles.Root {
	if len(s.roots) == 0 {
		return nil
	}
	return s.root().Body.(*roles.Root)
}

// file returns the signed file of any role, nil when there is none.
func (s *signedState) file(role string) *roles.File {
	if role == "root" {
		return s.root()
	}
	return s.files[role]
}

// body returns the signed content of a role, nil when there is none.
func (s *signedState) body(role string) roles.Body {
	if f := s.file(role); f != nil {
		return f.Body
	}
	return nil
}

// version is that of the signed file of a role, 0 when there is none.
func (s *signedState) version(role string) int64 {
	if b := s.body(role); b != nil {
		return roles.HeadOf(b).Version
	}
	return 0
}

// targets is the signed content of a targets role, nil when there is none.
func (s *signedState) targets(role string) *roles.Targets {
	t, _ := s.body(role).(*roles.Targets)
	return t
}

// verify checks every signature of the state: the chain of roots from version
// 1, and each other file by the newest root or by its delegation. Expiry is not
// looked at: an expired repository is what a ceremony renews.
func (s *signedState) verify() error {
	for i, file := range s.roots {
		signers := []*roles.File{file}
		if i > 0 {
			signers = append(signers, s.roots[i-1])
		}
		for _, by := range signers {
			if err := countFor(file, by.Body.(*roles.Root), "root"); err != nil {
				return s.unverified(s.format.MetadataPath("root", int64(i+1)), err)
			}
		}
		if v := roles.HeadOf(file.Body).Version; v != int64(i+1) {
			return s.unverified(s.format.MetadataPath("root", int64(i+1)), fmt.Errorf("version is %d, want %d", v, i+1))
		}
	}
	for role, file := range s.files {
		if err := s.countForRole(role, file, s.rootBody()); err != nil {
			return s.unverified(s.paths[role], err)
		}
		version := s.version(role)
		if want := s.format.MetadataPath(role, version); path.Join(s.dir, want) != s.paths[role] {
			return s.unverified(s.paths[role], fmt.Errorf("version is %d, which lies in %s", version, want))
		}
	}
	return s.checkRollback()
}

// checkRollback finds an old file that was put in the place of a newer one, or
// a newer one that was taken away: snapshot says how far every targets file had
// come, and timestamp how far snapshot. What is signed on top of an old file
// would be a second file with one version. Who signs elsewhere may be ahead.
func (s *signedState) checkRollback() error {
	var stated []roles.Meta
	if snapshot, ok := s.body("snapshot").(*roles.Snapshot); ok {
		stated = append(stated, snapshot.Meta...)
	}
	if timestamp, ok := s.body("timestamp").(*roles.Timestamp); ok {
		stated = append(stated, timestamp.Snapshot)
	}
	for _, meta := range stated {
		role := strings.TrimSuffix(meta.Name, ".json")
		if s.file(role) == nil && !s.trusted(role) {
			continue // nobody delegates to it any more
		}
		if version := s.version(role); version < meta.Version {
			return s.unverified(meta.Name, fmt.Errorf("version is %d, but version %d was signed already", version, meta.Version))
		}
	}
	return nil
}

// trusted says whether a role is a top-level one or the signed targets file
// delegates to it.
func (s *signedState) trusted(role string) bool {
	if slices.Contains(topLevel, role) {
		return true
	}
	top := s.targets("targets")
	return top != nil && top.Delegations != nil &&
		slices.ContainsFunc(top.Delegations.Roles, func(d roles.DelegatedRole) bool { return d.Name == role })
}

func (s *signedState) unverified(name string, err error) error {
	return Errorf(Unverified, "%s: %w", path.Join(s.dir, path.Base(name)), err).
		Hint("the file was changed after it was signed, or it is not this repository's; restore it from the last bundle")
}

// countForRole checks a file's signatures by the keys that root, or the signed
// delegation, lists for its role. A file that nobody delegates to any more is
// left alone: snapshot still lists it (Uptane Standard 2.1.0 §5.4.4.5).
func (s *signedState) countForRole(role string, file *roles.File, root *roles.Root) error {
	if slices.Contains(topLevel, role) {
		return countFor(file, root, role)
	}
	top := s.targets("targets")
	if top == nil || top.Delegations == nil {
		return nil
	}
	for _, d := range top.Delegations.Roles {
		if d.Name == role {
			return roles.CheckThreshold(file, d.Role, top.Delegations.Keys).Err()
		}
	}
	return nil
}

func countFor(file *roles.File, root *roles.Root, role string) error {
	return roles.CheckThreshold(file, *root.Role(role), root.Keys).Err()
}
