package takeover

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// Bounds of what is read: whoever filled the stick chose its size.
const (
	maxEntries  = 20_000  // of a folder or an archive
	maxDepth    = 8       // of folders
	maxTotal    = 1 << 30 // bytes, of everything
	maxKeyBytes = 64 << 10
)

// Read reads folders and files that people name: published repositories, bundles,
// what other tools keep of theirs, and single files.
func Read(names []string) (*Found, error) {
	r := &reader{Found: newFound(), left: maxTotal}
	for _, name := range names {
		r.Sources = append(r.Sources, filepath.Base(name))
		if err := r.source(name); err != nil {
			return nil, err
		}
	}
	if r.format == nil {
		return nil, fault.Errorf(fault.Usage, "%s: there is no metadata", strings.Join(names, ", ")).
			Hint("want root.json or 1.root.json and what belongs to it: a published folder, a bundle, the repository of another tool")
	}
	return r.Found, nil
}

// reader fills a Found within its bounds.
type reader struct {
	*Found
	left    int64 // bytes
	entries int
}

func (r *reader) source(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return &fault.Error{Code: fault.Usage, Err: err}
	}
	if info.IsDir() {
		return r.folder(name)
	}
	return r.file(name)
}

// folder reads every file of a folder that may be metadata or a public key.
func (r *reader) folder(dir string) error {
	folder, err := disk.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return fs.WalkDir(folder.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return disk.PathError(path.Join(dir, name), err)
		}
		if err := r.count(dir); err != nil {
			return err
		}
		if entry.IsDir() {
			return enter(name)
		}
		if isPrivateName(name) {
			r.leave(path.Join(filepath.ToSlash(dir), name))
		}
		if kindOf(name) == other || !entry.Type().IsRegular() {
			return nil
		}
		data, err := folder.Read(name, r.limit(kindOf(name)))
		if err != nil {
			return err
		}
		return r.take(path.Join(filepath.ToSlash(dir), name), data)
	})
}

// notEntered are folders that hold no signed metadata: images, which suppliers
// name, drafts, and what tools keep for themselves.
var notEntered = []string{"targets", "unsigned", "node_modules"}

func enter(name string) error {
	base := path.Base(name)
	hidden := strings.HasPrefix(base, ".") && name != "."
	if hidden || slices.Contains(notEntered, base) || strings.Count(name, "/") >= maxDepth {
		return fs.SkipDir
	}
	return nil
}

// count bounds the entries that are looked at.
func (r *reader) count(where string) error {
	if r.entries++; r.entries > maxEntries {
		return fault.Errorf(fault.Usage, "%s: more than %d files, want the folder of one repository's metadata", where, maxEntries)
	}
	return nil
}

// file reads one file by what it is.
func (r *reader) file(name string) error {
	switch strings.ToLower(path.Ext(name)) {
	case ".json", ".pub", ".pem":
		data, err := disk.ReadFile(name, r.limit(kindOf(name)))
		if err != nil {
			return err
		}
		return r.take(filepath.ToSlash(name), data)
	case ".tar":
		return r.bundle(name)
	case ".zip":
		return r.archive(name, r.zip)
	case ".tgz", ".gz":
		return r.archive(name, r.tgz)
	}
	return fault.Errorf(fault.Usage, "%s: is not a kind of file that metadata comes in; want .json, .pub, .pem, .tar, .zip, .tgz, or a folder", name)
}

func (r *reader) archive(name string, read func(name string, data []byte) error) error {
	data, err := disk.ReadFile(name, maxArchive)
	if err != nil {
		return err
	}
	return read(filepath.Base(name), data)
}

// bundle reads the metadata of a bundle.
func (r *reader) bundle(name string) error {
	b, err := bundle.Open(name)
	if err != nil {
		return err
	}
	names, err := b.MetadataNames()
	if err != nil {
		return err
	}
	for _, file := range names {
		data, err := b.Get(file, r.left)
		if err != nil {
			return err
		}
		if err := r.take(path.Join(filepath.Base(name), file), data); err != nil {
			return err
		}
	}
	return nil
}

// kind is what a file may be, by its name.
type kind int

const (
	other kind = iota
	mayBeMetadata
	publicKey
)

func kindOf(name string) kind {
	switch strings.ToLower(path.Ext(name)) {
	case ".json":
		return mayBeMetadata
	case ".pub", ".pem":
		return publicKey
	}
	return other
}

// limit is how many bytes a file may have.
func (r *reader) limit(k kind) int64 {
	if k == publicKey {
		return min(maxKeyBytes, r.left)
	}
	return r.left
}

// take takes a file by what its name says that it is.
func (r *reader) take(where string, data []byte) error {
	if r.left -= int64(len(data)); r.left < 0 {
		return errTooMuch
	}
	if kindOf(where) == publicKey {
		return r.addKey(where, data)
	}
	return r.addJSON(where, data)
}

var errTooMuch = errors.New("more than a gigabyte of metadata")
