package ceremony

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// Workspace is the folder of one fleet: what should be trusted, what is signed,
// and how it came about. It is plain, made for git, and never holds a private
// key or a PIN. All its files are read and written as those of a Folder.
type Workspace struct {
	*Folder
	Dir string // absolute path
}

// Files with a fixed name.
const (
	trustFile = "trust.yaml"
	siteFile  = "site.yaml"
	keysDir   = "keys"
)

// OpenWorkspace opens an existing folder as a workspace.
func OpenWorkspace(dir string) (*Workspace, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, pathError(dir, err)
	}
	folder, err := OpenFolder(absolute)
	if err != nil {
		return nil, Errorf(Usage, "workspace %w", pathError(dir, err))
	}
	return &Workspace{Folder: folder, Dir: absolute}, nil
}

// Trust reads trust.yaml.
func (w *Workspace) Trust() (*Trust, error) {
	data, err := w.readYAML(trustFile, maxYAML)
	if err != nil {
		return nil, err
	}
	return ParseTrust(trustFile, data)
}

// Site reads site.yaml.
func (w *Workspace) Site() (*Site, error) {
	data, err := w.readYAML(siteFile, maxYAML)
	if err != nil {
		return nil, err
	}
	return ParseSite(siteFile, data, w.Dir)
}

// Images reads the images file of a targets role.
func (w *Workspace) Images(file string) (*Images, error) {
	data, err := w.readYAML(file, maxImagesYAML)
	if err != nil {
		return nil, err
	}
	return ParseImages(file, data)
}

// Key reads the record of one key; without one it fails with [fs.ErrNotExist].
func (w *Workspace) Key(name string) (*KeyRecord, error) {
	if !names.MatchString(name) {
		return nil, Errorf(Usage, "key name is %q, %s", name, namesRule)
	}
	data, err := w.Read(keyPath(name), maxYAML)
	if err != nil {
		return nil, err
	}
	return ParseKeyRecord(keyPath(name), name, data)
}

// Keys reads all key records, by name.
func (w *Workspace) Keys() (map[string]*KeyRecord, error) {
	files, err := w.List(keysDir)
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

// AddKey writes the record of a new key.
func (w *Workspace) AddKey(r *KeyRecord) error {
	if !names.MatchString(r.Name) {
		return Errorf(Usage, "key name is %q, %s", r.Name, namesRule)
	}
	data, err := r.Encode()
	if err != nil {
		return err
	}
	return w.Create(keyPath(r.Name), data)
}

// readYAML reads a file that people write. That it is not there or no file at
// all is their mistake.
func (w *Workspace) readYAML(file string, limit int64) ([]byte, error) {
	data, err := w.Read(path.Clean(file), limit)
	if errors.Is(err, fs.ErrNotExist) && (file == trustFile || file == siteFile) {
		return nil, Errorf(Usage, "%w", err).Hint("`keyrite init` makes a workspace; -C DIR names another one")
	}
	if err != nil {
		return nil, &Error{Code: Usage, Err: err}
	}
	return data, nil
}
