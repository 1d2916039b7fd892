package workspace

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

// Workspace is the folder of one fleet: what should be trusted, what is signed,
// and how it came about. It is plain, made for git, and never holds a private
// key or a PIN. All its files are read and written as those of a Folder.
type Workspace struct {
	*disk.Folder
	View
	Dir string // absolute path

	// Memory is what this process has read of ceremonies that do not change any more, by
	// name; nil: nothing yet.
	Memory map[string]any

	locks map[string]*held // of this process, by repository
}

// Files with a fixed name.
const (
	TrustFile = "trust.yaml"
	SiteFile  = "site.yaml"
	KeysDir   = "keys"
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
	return &Workspace{Folder: folder, View: View{folder}, Dir: absolute}, nil
}

// Site reads site.yaml.
func (w *Workspace) Site() (*Site, error) {
	data, err := w.ReadYAML(SiteFile, strict.MaxBytes)
	if err != nil {
		return nil, err
	}
	return ParseSite(SiteFile, data, w.Dir)
}

// MainSite is the name of a site that nobody has named.
const MainSite = "main"

// SiteName is what site.yaml calls this site. A workspace that is only being made has
// none yet.
func (w *Workspace) SiteName() (string, error) {
	site, err := w.Site()
	if errors.Is(err, fs.ErrNotExist) {
		return MainSite, nil
	}
	if err != nil {
		return "", err
	}
	return site.Name, nil
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
