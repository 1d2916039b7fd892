package bundle

import (
	"bytes"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// Bundle is the metadata of a bundle, and its evidence, that was verified against its manifest. It
// is in memory: a stick may answer otherwise the second time.
type Bundle struct {
	file     string
	manifest *manifest

	mu       sync.Mutex
	metadata map[int][]byte // by index in the manifest; evidence too
}

// Images are the digests of a bundle's images, taken from the bytes that were
// verified against its manifest.
type Images struct {
	manifest *manifest
	sha512   [][sha512.Size]byte // by index in the manifest
}

// Open opens a bundle and reads all of it, once. One that is damaged, or holds
// anything but what its manifest lists, is an error with the code Unverified.
// Who made the manifest is not known before a client has verified the metadata.
func Open(file string) (*Bundle, error) {
	return open(file, func(*manifest) visitor {
		return func(int, io.Reader) error { return nil }
	})
}

// OpenWithImages is Open, and takes the digests of the images on the way.
func OpenWithImages(file string) (*Bundle, *Images, error) {
	images := &Images{}
	b, err := open(file, func(m *manifest) visitor {
		images.manifest, images.sha512 = m, make([][sha512.Size]byte, len(m.Files))
		return images.sum
	})
	return b, images, err
}

// open opens a bundle, keeps its metadata, and hands its images to a visitor.
func open(file string, images func(*manifest) visitor) (*Bundle, error) {
	archive, err := openArchive(file)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	b := &Bundle{file: file, metadata: map[int][]byte{}}
	if b.manifest, err = readBundle(archive, b.keepMetadata(images)); err != nil {
		return nil, bundleError(file, err)
	}
	return b, nil
}

func (b *Bundle) keepMetadata(images func(*manifest) visitor) func(*manifest) visitor {
	return func(m *manifest) visitor {
		visitImage := images(m)
		return func(i int, content io.Reader) error {
			if strings.HasPrefix(m.Files[i].Path, targetsDir) {
				return visitImage(i, content)
			}
			return b.keep(i, &m.Files[i], content)
		}
	}
}

const metadataDir, targetsDir = "metadata/", "targets/"

// EvidenceDir holds what proves how the metadata came about: files of the workspace,
// under their paths in it.
const EvidenceDir = "evidence/"

// keep keeps a file of metadata or evidence.
func (b *Bundle) keep(i int, file *manifestFile, content io.Reader) error {
	if file.Length > disk.MaxInput {
		return fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", file.Path, file.Length, disk.MaxInput)
	}
	var data bytes.Buffer // the length is a claim: it grows with what is really there
	if _, err := data.ReadFrom(content); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.metadata[i] = data.Bytes()
	return nil
}

// sum takes the second digest of an image; the first is the manifest's, against
// which the same bytes are checked.
func (s *Images) sum(i int, content io.Reader) error {
	hash := sha512.New()
	if _, err := io.Copy(hash, content); err != nil {
		return err
	}
	hash.Sum(s.sha512[i][:0])
	return nil
}

// Digests returns the digests and the length, in bytes, of the image of that path
// below `targets/`; found says whether there is one.
func (s *Images) Digests(path string) (digests roles.Hashes, length int64, found bool) {
	i, found := s.manifest.content(targetsDir + path)
	if !found {
		return roles.Hashes{}, 0, false
	}
	return roles.Hashes{SHA256: &s.manifest.Files[i].SHA256, SHA512: &s.sha512[i]}, s.manifest.Files[i].Length, true
}

// content returns the index of the file that has the bytes of the one of that path.
func (m *manifest) content(path string) (i int, found bool) {
	if i, found = m.find(path); found && m.Files[i].SameAs != "" {
		return m.find(m.Files[i].SameAs)
	}
	return i, found
}

// Repository is the name of the repository in its workspace.
func (b *Bundle) Repository() string { return b.manifest.Repository }

// Format is the format of the metadata: `tuf` or `ota-ce`.
func (b *Bundle) Format() string { return b.manifest.Format }

// Server is what the bundle leaves to a server, as whoever packed it says.
func (b *Bundle) Server() Server { return b.manifest.Server }

// Get returns a metadata file of at most limit bytes. It makes Bundle a
// [roles.Source].
func (b *Bundle) Get(name string, limit int64) ([]byte, error) {
	i, found := b.manifest.content(metadataDir + name)
	if !found {
		return nil, fmt.Errorf("%s: %s%s: %w", b.file, metadataDir, name, fs.ErrNotExist)
	}
	if data := b.metadata[i]; int64(len(data)) <= limit {
		return data, nil
	}
	return nil, fault.Errorf(fault.Unverified, "%s%s is %d bytes, want at most %d", metadataDir, name, len(b.metadata[i]), limit)
}

// MetadataNames returns the names of all metadata files, sorted, as Get takes
// them. The error is always nil; a folder that lists its files may have one.
func (b *Bundle) MetadataNames() ([]string, error) {
	var names []string
	for _, file := range b.manifest.Files {
		if name, ok := strings.CutPrefix(file.Path, metadataDir); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// bundleError names the bundle in an error about what is in it.
func bundleError(file string, err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		return fault.Errorf(own.Code, "%s: %w", file, err)
	}
	return disk.PathError(file, err)
}
