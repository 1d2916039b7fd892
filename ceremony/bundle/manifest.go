package bundle

import (
	"encoding/hex"
	"fmt"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/roles"
)

// manifestName is the name of the first entry of a bundle.
const manifestName = "keyrite-bundle.json"

const (
	// maxManifest is the largest manifest, in bytes: a million images, each under
	// two names, take some 600 million.
	maxManifest = 1 << 30
	// maxLength is the largest file, in bytes: as many as fit into a manifest do
	// not overflow an offset.
	maxLength = 1 << 38
)

// Head is what a bundle says of itself. None of it is signed.
type Head struct {
	Repository string // its name in the workspace
	Format     string // `tuf` or `ota-ce`
	Server     Server
}

// Server is what is not in a bundle, since a server signs it.
type Server struct {
	First roles.Type  // of targets, snapshot and timestamp; empty: the bundle is complete
	Due   []roles.Due // what the server has to sign before publishing
}

// manifest lists the files of a bundle. It is JSON in one spelling, that of
// encode: {"version":1,"repository":…,"format":…,"server":{"first":…,"due":[…]},
// "files":[{"path":…,"length":…,"sha256":…,"same-as":…},…]} and a line break; server
// and same-as only where they are not empty, and due as encoding/json has it.
type manifest struct {
	Version int64
	Head
	Files []manifestFile // by path
}

type manifestFile struct {
	Path   string
	Length int64 // bytes
	SHA256 [32]byte
	SameAs string
}

func newManifest(head Head, files []File) *manifest {
	m := &manifest{1, head, make([]manifestFile, len(files))}
	for i, file := range files {
		m.Files[i] = manifestFile{file.Path, file.Length, file.SHA256, file.SameAs}
	}
	return m
}

// encode returns the text of a manifest. What a path may contain, Go quotes as
// JSON does.
func (m *manifest) encode() ([]byte, error) {
	server, err := m.Server.encode()
	if err != nil {
		return nil, err
	}
	b := fmt.Appendf(nil, `{"version":%d,"repository":%q,"format":%q,`, m.Version, m.Repository, m.Format)
	b = append(append(b, server...), `"files":[`...)
	for i, file := range m.Files {
		if i > 0 {
			b = append(b, ',')
		}
		b = file.encode(b)
	}
	return append(b, "]}\n"...), nil
}

func (f manifestFile) encode(b []byte) []byte {
	b = strconv.AppendQuote(append(b, `{"path":`...), f.Path)
	b = strconv.AppendInt(append(b, `,"length":`...), f.Length, 10)
	b = hex.AppendEncode(append(b, `,"sha256":"`...), f.SHA256[:])
	b = append(b, '"')
	if f.SameAs != "" {
		b = strconv.AppendQuote(append(b, `,"same-as":`...), f.SameAs)
	}
	return append(b, '}')
}

func (f manifestFile) check() error {
	if err := checkBundlePath(f.Path); err != nil {
		return fmt.Errorf("%.300q: %w", f.Path, err)
	}
	if f.Length < 0 || f.Length > maxLength {
		return fmt.Errorf("%s: length is %d, want 0 to %d", f.Path, f.Length, int64(maxLength))
	}
	return nil
}

// check checks what concerns the manifest as a whole.
func (m *manifest) check() error {
	if m.Version != 1 {
		return fmt.Errorf("version is %d, want 1", m.Version)
	}
	if !disk.Names.MatchString(m.Repository) {
		return fmt.Errorf("repository is %.300q, %s", m.Repository, disk.NamesRule)
	}
	if _, err := roles.FormatByName(m.Format); err != nil {
		return fmt.Errorf("format is %.300q, want tuf or ota-ce", m.Format)
	}
	if err := m.Server.check(); err != nil {
		return err
	}
	if err := m.checkOrder(); err != nil {
		return err
	}
	if err := roles.CheckClash(m.paths()); err != nil {
		return err
	}
	dir := ""
	for i := range m.Files {
		if err := m.checkSameAs(&m.Files[i]); err != nil {
			return err
		}
		if above := path.Dir(m.Files[i].Path); above != dir { // most lie beside the one before
			if err := m.checkFolders(m.Files[i].Path); err != nil {
				return err
			}
			dir = above
		}
	}
	return nil
}

func (m *manifest) paths() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range m.Files {
			if !yield(m.Files[i].Path) {
				return
			}
		}
	}
}

// checkOrder wants files in ascending order, which find needs.
func (m *manifest) checkOrder() error {
	for i := 1; i < len(m.Files); i++ {
		switch before, file := m.Files[i-1].Path, m.Files[i].Path; {
		case file == before:
			return fmt.Errorf("%s is listed twice", file)
		case file < before:
			return fmt.Errorf("%s is out of order; want it before %s", file, before)
		}
	}
	return nil
}

// checkFolders refuses a file below another file.
func (m *manifest) checkFolders(file string) error {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if _, found := m.find(dir); found {
			return fmt.Errorf("%s is a file and, for %s, also a folder", dir, file)
		}
	}
	return nil
}

func (m *manifest) checkSameAs(file *manifestFile) error {
	if file.SameAs == "" {
		return nil
	}
	if i, found := m.find(file.SameAs); found {
		same := &m.Files[i]
		if same.SameAs == "" && same.Length == file.Length && same.SHA256 == file.SHA256 {
			return nil
		}
	}
	return fmt.Errorf("%s: same-as is %.300q, want a file with that length and hash that has bytes of its own", file.Path, file.SameAs)
}

// find returns the index of the file of that path.
func (m *manifest) find(path string) (i int, found bool) {
	return slices.BinarySearchFunc(m.Files, path, func(f manifestFile, path string) int { return strings.Compare(f.Path, path) })
}
