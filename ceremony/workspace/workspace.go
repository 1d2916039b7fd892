package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/strict"
)

// Workspace is the folder of one fleet: what should be trusted, what is signed,
// and how it came about. It is plain, made for git, and never holds a private
// key or a PIN. All its files are read and written as those of a Folder.
type Workspace struct {
	*disk.Folder
	Dir string // absolute path
}

// Files with a fixed name.
const (
	TrustFile = "trust.yaml"
	SiteFile  = "site.yaml"
	keysDir   = "keys"
)

// Open opens an existing folder as a workspace.
func Open(dir string) (*Workspace, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, disk.PathError(dir, err)
	}
	folder, err := disk.Open(absolute)
	if err != nil {
		return nil, fault.Errorf(fault.Usage, "workspace %w", disk.PathError(dir, err))
	}
	return &Workspace{Folder: folder, Dir: absolute}, nil
}

// Trust reads trust.yaml.
func (w *Workspace) Trust() (*Trust, error) {
	data, err := w.readYAML(TrustFile, strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	return ParseTrust(TrustFile, data)
}

// Site reads site.yaml.
func (w *Workspace) Site() (*Site, error) {
	data, err := w.readYAML(SiteFile, strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	return ParseSite(SiteFile, data, w.Dir)
}

// Images reads the images file of a targets role.
func (w *Workspace) Images(file string) (*images.List, error) {
	data, err := w.readYAML(file, images.MaxImagesYAML)
	if err != nil {
		return nil, err
	}
	return images.Parse(file, data)
}

// Key reads the record of one key; without one it fails with [fs.ErrNotExist].
func (w *Workspace) Key(name string) (*KeyRecord, error) {
	if !disk.Names.MatchString(name) {
		return nil, fault.Errorf(fault.Usage, "key name is %q, %s", name, disk.NamesRule)
	}
	data, err := w.Read(KeyPath(name), strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	return ParseKeyRecord(KeyPath(name), name, data)
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
	if !disk.Names.MatchString(r.Name) {
		return fault.Errorf(fault.Usage, "key name is %q, %s", r.Name, disk.NamesRule)
	}
	data, err := r.Encode()
	if err != nil {
		return err
	}
	return w.Create(KeyPath(r.Name), data)
}

// readYAML reads a file that people write. That it is not there or no file at
// all is their mistake.
func (w *Workspace) readYAML(file string, limit int64) ([]byte, error) {
	data, err := w.Read(path.Clean(file), limit)
	if errors.Is(err, fs.ErrNotExist) && (file == TrustFile || file == SiteFile) {
		return nil, fault.Errorf(fault.Usage, "%w", err).Hint("`keyrite init` makes a workspace; -C DIR names another one")
	}
	if err != nil {
		return nil, &fault.Error{Code: fault.Usage, Err: err}
	}
	return data, nil
}

// HashFile is the SHA-256 of a file of the workspace in hexadecimal.
func HashFile(ws *Workspace, name string) (string, error) {
	data, err := ws.Read(name, disk.MaxInput)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
