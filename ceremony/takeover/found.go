package takeover

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// Found is metadata and public keys as somebody else left them. Nothing of it is
// verified: what tool wrote it, and where in a folder, does not matter.
type Found struct {
	format  roles.Format // nil while there is no metadata
	files   map[edition]metadata
	named   map[roles.Fingerprint]string // what files of public keys are called
	Sources []string                     // that were read
	Notes   []Note                       // what people should know of them
}

// edition is one version of a role's file.
type edition struct {
	role    string
	version int64
}

// metadata is a file and where it was found.
type metadata struct {
	where string
	*roles.File
}

func newFound() *Found {
	return &Found{files: map[edition]metadata{}, named: map[roles.Fingerprint]string{}}
}

// roleOf is the role of a file: that of a targets file stands in its name alone, in
// whatever folder it lies. A copy under its hash is nobody's file.
func roleOf(f roles.Format, where string, t roles.Type) (role string, ok bool) {
	if t != roles.TypeTargets {
		return string(t), true
	}
	for _, dir := range []string{"", "delegations"} {
		if role, _, ok = roles.RoleOf(f, path.Join(dir, path.Base(where))); ok {
			break
		}
	}
	return role, ok
}

// addJSON takes a file that may be metadata. What is none is passed over.
func (f *Found) addJSON(where string, data []byte) error {
	format, t, err := roles.Detect(data)
	if err != nil {
		return f.otherJSON(where, data, err)
	}
	role, ok := roleOf(format, where, t)
	if !ok {
		return nil
	}
	if f.format == nil {
		f.format = format
	}
	if format != f.format {
		return fault.Errorf(fault.Unverified, "%s: format is %s, but other files are in format %s", where, format.Name(), f.format.Name()).
			Hint("name the folder or the files of one repository")
	}
	file, err := roles.Read(format, t, data)
	if err == nil && !bytes.Equal(file.Published(), data) {
		f.note(NoteRewritten, where, "%s: rewritten in the canonical form that vehicles hash; its signatures stay good", where)
		file, err = roles.Read(format, t, file.Published())
	}
	if err != nil {
		return &fault.Error{Code: fault.Unverified, Err: roles.InFile(where, err)}
	}
	return f.add(edition{role, roles.HeadOf(file.Body).Version}, metadata{where, file})
}

// otherJSON notes a file that looks as if it were meant to be metadata.
func (f *Found) otherJSON(where string, data []byte, err error) error {
	if bytes.Contains(data, []byte(`"signatures"`)) {
		f.note(NotePassedOver, where, "%s: passed over, it is no metadata: %v", where, err)
	}
	return nil
}

// add keeps one file for each version. Two that say the same may differ in their
// signatures: that with more of them stays.
func (f *Found) add(at edition, m metadata) error {
	other, there := f.files[at]
	if there && !bytes.Equal(other.Signed, m.Signed) {
		return fault.Errorf(fault.Unverified, "%s and %s are two different files of %s %d, want one", other.where, m.where, at.role, at.version).
			Hint("name the folder or the files of one repository")
	}
	if !there || len(m.Signatures) > len(other.Signatures) {
		f.files[at] = m
	}
	return nil
}

// addKey takes a file with a public key for the name that it gives the key.
func (f *Found) addKey(where string, data []byte) error {
	if isPrivate(data) {
		return private(where)
	}
	public, err := parsePublic(data)
	if err != nil {
		f.note(NotePassedOver, where, "%s: passed over, it is no public key: %v", where, err)
		return nil
	}
	print, err := roles.FingerprintOf(public)
	if err != nil {
		f.note(NotePassedOver, where, "%s: passed over: %v", where, err)
		return nil
	}
	base := path.Base(where)
	f.named[print] = strings.TrimSuffix(base, path.Ext(base))
	return nil
}

// private refuses a private key by the name of its file. keyrite never holds one.
func private(where string) error {
	return fault.Errorf(fault.Refused, "%s: holds a private key, and keyrite takes none", where).
		Hint("take it out, and bring in signatures by it: keyrite sign-request, keyrite signature add")
}

// leave notes a file that is called as private keys are.
func (f *Found) leave(where string) {
	f.note(NotePrivateKey, where, "%s: a private key, which was not read; destroy it when nothing lists its public key any more", where)
}

func (f *Found) note(kind NoteKind, of, format string, args ...any) {
	f.Notes = append(f.Notes, Note{kind, of, fmt.Sprintf(format, args...)})
}

// Note is what people should know of what was found, and that stops nothing.
type Note struct {
	Note NoteKind `json:"note"`
	Of   string   `json:"of"`   // file, key, role or field
	Text string   `json:"text"` // with that, in words
}

func (n Note) String() string { return n.Text }

// NoteKind is what kind of thing a note is about.
type NoteKind string

// Every NoteKind.
const (
	NoteRewritten  NoteKind = "rewritten"     // in the canonical form
	NotePassedOver NoteKind = "passed-over"   // it is not what it seems to be
	NoteOlder      NoteKind = "older"         // than what is here
	NoteLeftOut    NoteKind = "not-published" // by snapshot
	NotePrivateKey NoteKind = "private-key"   // which was not read
	NoteKey        NoteKind = "key-of-no-use"
	NoteBins       NoteKind = "hash-bins"
	NoteNoPath     NoteKind = "no-path"      // the delegation speaks for none
	NoteNoFile     NoteKind = "file-missing" // of a delegation
	NotePattern    NoteKind = "path-twice"
	NoteKept       NoteKind = "kept" // though keyrite does not know it
)

// roots are those of version from on, without a gap.
func (f *Found) roots(from int64) (list []metadata) {
	for version := from; ; version++ {
		m, there := f.files[edition{"root", version}]
		if !there {
			return list
		}
		list = append(list, m)
	}
}

// newest is the highest version of a role, 0 for none.
func (f *Found) newest(role string) (version int64) {
	for at := range f.files {
		if at.role == role {
			version = max(version, at.version)
		}
	}
	return version
}

// roleNames are those that a file was found of, root aside, sorted.
func (f *Found) roleNames() (names []string) {
	for at := range f.files {
		if at.role != "root" && !slices.Contains(names, at.role) {
			names = append(names, at.role)
		}
	}
	slices.Sort(names)
	return names
}

// stated are the versions that are published together: what the newest timestamp
// says of snapshot, and that of all others. A draft beside them is newer.
func (f *Found) stated() map[string]int64 {
	versions := map[string]int64{}
	timestamp, ok := f.files[edition{"timestamp", f.newest("timestamp")}]
	if !ok {
		return versions
	}
	snapshot := timestamp.Body.(*roles.Timestamp).Snapshot.Version
	versions["snapshot"] = snapshot
	if m, ok := f.files[edition{"snapshot", snapshot}]; ok {
		for _, meta := range m.Body.(*roles.Snapshot).Meta {
			versions[strings.TrimSuffix(meta.Name, ".json")] = meta.Version
		}
	}
	return versions
}

// pick is the file of a role that belongs to the others, nil for none.
func (f *Found) pick(role string, stated map[string]int64) *metadata {
	newest := f.newest(role)
	version, known := stated[role]
	if _, there := f.files[edition{role, version}]; !known || !there {
		version = newest
	}
	if version < newest {
		f.note(NoteLeftOut, f.files[edition{role, newest}].where, "%s: left out, it is not published: snapshot states %s %d", f.files[edition{role, newest}].where, role, version)
	}
	if m, there := f.files[edition{role, version}]; there {
		return &m
	}
	return nil
}

// missing says what is lacking of a chain of roots that begins with version from.
func (f *Found) missingRoots(from int64) error {
	newest, have := f.newest("root"), from+int64(len(f.roots(from)))
	if newest < have {
		if have == from {
			return errors.New("there is no root")
		}
		return nil
	}
	return fmt.Errorf("there is root %d, but no root %d", newest, have)
}

// state is what was found, on top of what is there: newer files take the place of
// older ones, and any file that of one whose keys were replaced, since clients
// forget that. An older file is passed over; one that differs under a version that
// is there already is refused (Uptane Standard 2.1.0 §5.4.4.2), and so is one that
// is void itself.
func (f *Found) state(base *signed.State) (*signed.State, error) {
	next := base.Clone()
	for _, m := range f.roots(1) {
		version := roles.HeadOf(m.Body).Version
		if int(version) <= len(base.Roots) {
			if !bytes.Equal(base.Roots[version-1].Signed, m.Signed) {
				return nil, differs(m.where, base.Dir, "root", version)
			}
			continue
		}
		next.Put("root", path.Join(base.Dir, base.Format.MetadataPath("root", version)), m.File)
	}
	stated := f.stated()
	for _, role := range f.roleNames() {
		m := f.pick(role, stated)
		version := roles.HeadOf(m.Body).Version
		switch old := base.File(role); {
		case old == nil || version > base.Version(role) || next.IsVoid(role):
			next.Put(role, path.Join(base.Dir, next.MetadataPath(role, version)), m.File)
		case version < base.Version(role):
			f.note(NoteOlder, m.where, "%s: passed over, %s %d is older than version %d that is here", m.where, role, version, base.Version(role))
		case !bytes.Equal(old.Signed, m.Signed):
			return nil, differs(m.where, base.Dir, role, version)
		}
		if by, void := next.Void(role); void && next.File(role) == m.File {
			return nil, fault.Errorf(fault.Unverified, "%s: %s %d is signed by keys that root %d has replaced", m.where, role, version, by+1)
		}
	}
	return next, nil
}

func differs(where, dir, role string, version int64) error {
	return fault.Errorf(fault.Unverified, "%s: differs from the %s %d that is in %s already; one version has one content", where, role, version, dir)
}
