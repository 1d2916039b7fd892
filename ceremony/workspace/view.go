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
		return nil, fault.Errorf(fault.CodeOf(err), "%w", err).Suggest(name, w.keyNames())
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

// keyNames are the keys that have a record, as far as the folder can be read.
func (w View) keyNames() (names []string) {
	files, _ := w.List(KeysDir)
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".yaml"))
	}
	return names
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
