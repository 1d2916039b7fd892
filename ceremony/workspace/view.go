package workspace

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/strict"
)

// Files is where the files of a workspace are read from: its folder, or only
// those of its files that a plan was derived from.
type Files interface {
	Read(name string, limit int64) ([]byte, error)
	List(dir string) ([]string, error)
}

// Summed are Files that hash what they read, so that nobody has to hash it again.
type Summed interface {
	// Sum is the digest of what Read returned last under a name.
	Sum(name string) digest.SHA256
}

// View reads what people declared.
type View struct{ Files }

// Trust reads trust.yaml.
func (w View) Trust() (*Trust, error) {
	data, err := w.ReadYAML(TrustFile, strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	return ParseTrust(TrustFile, data)
}

// Images reads the images file of a targets role.
func (w View) Images(file string) (*images.List, error) {
	data, err := w.ReadYAML(file, images.MaxImagesYAML)
	if err != nil {
		return nil, err
	}
	return images.Parse(file, data)
}

// Key reads the record of one key; without one it fails with [fs.ErrNotExist].
func (w View) Key(name string) (*KeyRecord, error) {
	if !disk.Names.MatchString(name) {
		return nil, fault.Errorf(fault.Usage, "key name is %q, %s", name, disk.NamesRule)
	}
	data, err := w.Read(KeyPath(name), strict.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, w.noKey(name, err)
	}
	if err != nil {
		return nil, err
	}
	record, err := ParseKeyRecord(KeyPath(name), name, data)
	if err != nil {
		return nil, err
	}
	return record, w.Belongs(record)
}

// noKey says that a key has no record, and why that may be: it was not made yet, or has
// another name.
func (w View) noKey(name string, err error) error {
	problem := fault.Errorf(fault.CodeOf(err), "%w", err)
	names, trust := w.keyNames()
	repository := trust.holding(name)
	if repository == nil {
		return problem.Suggest(name, names).Hint("keyrite key list shows those that there are")
	}
	return problem.Hint("%s is declared and has no record yet: the ceremony that first needs it makes it, keyrite plan %s", name, repository.Name)
}

// keyNames are the keys that have a record or are declared, as far as they can be read.
func (w View) keyNames() (names []string, trust *Trust) {
	files, _ := w.List(KeysDir)
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".yaml"))
	}
	trust, err := w.Trust()
	if err != nil {
		return names, &Trust{}
	}
	return append(names, trust.KeyNames()...), trust
}

// KeyNames are the keys that the repositories declare.
func (t *Trust) KeyNames() (names []string) {
	for _, repository := range t.RepositoryNames() {
		names = append(names, t.Repositories[repository].KeyNames...)
	}
	return names
}

// holding is the repository that declares a key of that name, nil where none does.
func (t *Trust) holding(key string) *Repository {
	for _, name := range t.RepositoryNames() {
		if _, is := t.Repositories[name].Keys[key]; is {
			return t.Repositories[name]
		}
	}
	return nil
}

// Keys reads all key records, by name.
func (w View) Keys() (map[string]*KeyRecord, error) {
	files, err := w.List(KeysDir)
	if err != nil {
		return nil, err
	}
	records := make(map[string]*KeyRecord, len(files))
	for _, file := range files {
		name, ok := strings.CutSuffix(file, ".yaml")
		if !ok || strings.HasPrefix(file, ".") {
			continue
		}
		if records[name], err = w.Key(name); err != nil {
			return nil, err
		}
	}
	return records, nil
}

// ReadYAML reads a file that people write. That it is not there or no file at
// all is their mistake.
func (w View) ReadYAML(file string, limit int64) ([]byte, error) {
	data, err := w.Read(path.Clean(file), limit)
	if errors.Is(err, fs.ErrNotExist) && (file == TrustFile || file == SiteFile) {
		return nil, fault.Errorf(fault.Usage, "%w", err).Hint("`keyrite init` makes a workspace; -C DIR names another one")
	}
	if own := (*fault.Error)(nil); err != nil && !errors.As(err, &own) {
		return nil, &fault.Error{Code: fault.Usage, Err: err}
	}
	return data, err
}
