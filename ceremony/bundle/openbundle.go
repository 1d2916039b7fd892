package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// Bundle is a bundle that was verified against its manifest. It serves single
// files without being unpacked.
type Bundle struct {
	file     *os.File
	manifest *manifest
	contents map[string]bundleContent
}

// bundleContent is where the content of a file lies in the archive.
type bundleContent struct {
	manifestFile
	offset int64
}

// Open opens a bundle and reads all of it. One that is damaged, or holds
// anything but what its manifest lists, is an error with the code Unverified.
// Who made the manifest is not known before a client has verified the metadata.
func Open(file string) (*Bundle, error) {
	f, err := disk.OpenRegular(file, os.OpenFile)
	if err != nil {
		return nil, err
	}
	b := &Bundle{file: f, contents: make(map[string]bundleContent)}
	b.manifest, err = readBundle(f, func(file manifestFile, offset int64, _ io.Reader) error {
		b.contents[file.Path] = bundleContent{file, offset}
		return nil
	})
	if err != nil {
		f.Close()
		return nil, bundleError(file, err)
	}
	for _, file := range b.manifest.Files {
		if file.SameAs != "" {
			b.contents[file.Path] = bundleContent{file, b.contents[file.SameAs].offset}
		}
	}
	return b, nil
}

// Close closes the file of the bundle.
func (b *Bundle) Close() error { return b.file.Close() }

// Repository is the name of the repository in its workspace.
func (b *Bundle) Repository() string { return b.manifest.Repository }

// Format is the format of the metadata: `tuf` or `ota-ce`.
func (b *Bundle) Format() string { return b.manifest.Format }

// Get returns a metadata file of at most limit bytes. It makes Bundle a
// [roles.Source].
func (b *Bundle) Get(name string, limit int64) ([]byte, error) {
	content, err := b.find("metadata/" + name)
	if err != nil {
		return nil, err
	}
	if content.Length > limit {
		return nil, fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", content.Path, content.Length, limit)
	}
	return io.ReadAll(b.reader(content))
}

// MetadataNames returns the names of all metadata files, sorted, as Get takes
// them. The error is always nil; a folder that lists its files may have one.
func (b *Bundle) MetadataNames() ([]string, error) {
	var names []string
	for _, file := range b.manifest.Files {
		if name, ok := strings.CutPrefix(file.Path, "metadata/"); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// OpenImage opens an image by its path below `targets/`. If the bundle has
// changed since it was verified, reading to the end fails.
func (b *Bundle) OpenImage(path string) (io.ReadCloser, error) {
	content, err := b.find("targets/" + path)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(b.reader(content)), nil
}

func (b *Bundle) find(path string) (bundleContent, error) {
	content, ok := b.contents[path]
	if !ok {
		return content, fmt.Errorf("%s: %s: %w", b.file.Name(), path, fs.ErrNotExist)
	}
	return content, nil
}

// reader checks the hash again: a USB stick may answer otherwise the second time.
func (b *Bundle) reader(c bundleContent) io.Reader {
	return disk.NewCheckedReader(c.Path, io.NewSectionReader(b.file, c.offset, c.Length), c.Length, c.SHA256)
}

// bundleError names the bundle in an error about what is in it.
func bundleError(file string, err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		return fault.Errorf(own.Code, "%s: %w", file, err)
	}
	return disk.PathError(file, err)
}
