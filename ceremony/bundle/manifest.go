package bundle

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// manifestName is the name of the first entry of a bundle.
const manifestName = "keyrite-bundle.json"

// maxManifest is enough for some 250 000 files.
const maxManifest = 64 << 20

// manifest lists the files of a bundle. It has one spelling: that of encode.
type manifest struct {
	Version    int           `json:"version"`
	Repository string        `json:"repository"`
	Format     string        `json:"format"`
	Files      manifestFiles `json:"files"`
}

// manifestFiles are sorted by path.
type manifestFiles []manifestFile

type manifestFile struct {
	Path   string `json:"path"`
	Length int64  `json:"length"`
	SHA256 hash32 `json:"sha256"`
	SameAs string `json:"same-as,omitempty"`
}

func newManifest(repository, format string, files []File) *manifest {
	m := &manifest{1, repository, format, make(manifestFiles, len(files))}
	for i, file := range files {
		m.Files[i] = manifestFile{file.Path, file.Length, file.SHA256, file.SameAs}
	}
	return m
}

func (m *manifest) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(m)
	return b.Bytes(), err
}

// parseManifest reads a manifest, and refuses every other spelling of it:
// unknown and repeated fields, white space, escapes that are not needed.
func parseManifest(data []byte) (*manifest, error) {
	if len(data) > maxManifest {
		return nil, fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", manifestName, len(data), maxManifest)
	}
	m := new(manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", manifestName, err)
	}
	if err := m.check(); err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", manifestName, err)
	}
	if canonical, err := m.encode(); err != nil || !bytes.Equal(canonical, data) {
		return nil, fault.Errorf(fault.Unverified, "%s is not spelled as keyrite spells it", manifestName)
	}
	return m, nil
}

// UnmarshalJSON checks each file before it reads the next one. Otherwise a
// manifest of tens of millions of empty objects would fill the memory.
func (files *manifestFiles) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if token, err := d.Token(); err != nil || token != json.Delim('[') {
		return errors.New("files is not a list")
	}
	*files = manifestFiles{}
	for d.More() {
		var file manifestFile
		if err := d.Decode(&file); err != nil {
			return err
		}
		if err := file.check(); err != nil {
			return err
		}
		*files = append(*files, file)
	}
	return nil
}

func (f manifestFile) check() error {
	if err := checkBundlePath(f.Path); err != nil {
		return fmt.Errorf("%q: %w", f.Path, err)
	}
	if f.Length < 0 {
		return fmt.Errorf("%s: length is %d, want 0 or more", f.Path, f.Length)
	}
	return nil
}

// check checks what concerns the manifest as a whole.
func (m *manifest) check() error {
	if m.Version != 1 {
		return fmt.Errorf("version is %d, want 1", m.Version)
	}
	if !disk.Names.MatchString(m.Repository) {
		return fmt.Errorf("repository is %q, %s", m.Repository, disk.NamesRule)
	}
	if _, err := roles.FormatByName(m.Format); err != nil {
		return fmt.Errorf("format is %q, want tuf or ota-ce", m.Format)
	}
	files, err := m.Files.byPath()
	if err != nil {
		return err
	}
	if err := roles.CheckClash(maps.Keys(files)); err != nil {
		return err
	}
	for _, file := range m.Files {
		for dir := path.Dir(file.Path); dir != "."; dir = path.Dir(dir) {
			if _, ok := files[dir]; ok {
				return fmt.Errorf("%s is a file and, for %s, also a folder", dir, file.Path)
			}
		}
		if file.SameAs == "" {
			continue
		}
		same, ok := files[file.SameAs]
		if !ok || same.SameAs != "" || same.Length != file.Length || same.SHA256 != file.SHA256 {
			return fmt.Errorf("%s: same-as is %q, want a file with that length and hash that has bytes of its own", file.Path, file.SameAs)
		}
	}
	return nil
}

func (files manifestFiles) byPath() (map[string]manifestFile, error) {
	byPath := make(map[string]manifestFile, len(files))
	for i, file := range files {
		if i > 0 && file.Path == files[i-1].Path {
			return nil, fmt.Errorf("%s is listed twice", file.Path)
		}
		if i > 0 && file.Path < files[i-1].Path {
			return nil, fmt.Errorf("%s is out of order; want it before %s", file.Path, files[i-1].Path)
		}
		byPath[file.Path] = file
	}
	return byPath, nil
}

// checkBundlePath checks the path of a file in a bundle. It follows the rules of
// roles.CheckImagePath, with room for the hash before the name of an image.
func checkBundlePath(p string) error {
	if !strings.HasPrefix(p, "metadata/") && !strings.HasPrefix(p, "targets/") {
		return errors.New("want a path below metadata/ or targets/")
	}
	if !fs.ValidPath(p) {
		return errors.New("path leads elsewhere, or has an empty part")
	}
	if len(p) > maxBundlePath {
		return fmt.Errorf("path of %d bytes, want at most %d", len(p), maxBundlePath)
	}
	for _, r := range p {
		if r < ' ' || r > '~' || strings.ContainsRune(roles.ForbiddenInPath, r) {
			return fmt.Errorf("path contains %q, want printable ASCII without %s", r, roles.ForbiddenInPath)
		}
	}
	for segment := range strings.SplitSeq(p, "/") {
		if segment[0] == '.' || len(segment) > 255 {
			return errors.New("path has a part that begins with a dot or is longer than 255 bytes")
		}
		if err := roles.CheckFileName(segment); err != nil {
			return fmt.Errorf("path has a part that %w", err)
		}
	}
	return nil
}

// maxBundlePath is for `targets/`, an image path, a SHA-512 hash and its dot.
const maxBundlePath = len("targets/") + roles.MaxImagePath + 128 + 1

// hash32 is a SHA-256 hash, in text as hex.
type hash32 [32]byte

func (h hash32) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, h[:]), nil
}

func (h *hash32) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("hash has %d digits, want %d", len(text), hex.EncodedLen(len(h)))
	}
	_, err := hex.Decode(h[:], text)
	return err
}
