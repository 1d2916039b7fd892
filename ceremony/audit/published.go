package audit

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// published is a repository as it is carried or served.
type published struct {
	name     string
	metadata roles.Source
	names    func() ([]string, error) // of all metadata files
	images   imageStore
	server   roles.Type      // the first role that it leaves to a server; empty: none
	evidence workspace.Files // nil where there is none
	close    []func() error
}

// openPublished opens the metadata of a bundle, of a published folder (metadata/ and
// targets/), or of a folder of metadata.
func openPublished(name string) (*published, error) {
	if isFile, err := isFile(name); err != nil {
		return nil, err
	} else if !isFile {
		p, _, err := openFolder(name)
		return p, err
	}
	b, err := bundle.Open(name)
	if err != nil {
		return nil, err
	}
	return ofBundle(name, b), nil
}

// openToCheck is openPublished with the images: those in the folder images, under
// their paths or as published, or else those that are published.
func openToCheck(name, images string) (*published, error) {
	if images != "" {
		return openWithFolder(name, images)
	}
	if isFile, err := isFile(name); err != nil {
		return nil, err
	} else if isFile {
		b, digests, err := bundle.OpenWithImages(name)
		if err != nil {
			return nil, err
		}
		p := ofBundle(name, b)
		p.images = bundleImages{digests}
		return p, nil
	}
	p, folder, err := openFolder(name)
	if err == nil && isDir(name, "targets") {
		p.images = folderImages{folder, "targets", false}
	}
	return p, err
}

func openWithFolder(name, images string) (*published, error) {
	p, err := openPublished(name)
	if err != nil {
		return nil, err
	}
	folder, err := disk.Open(images)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.close = append(p.close, folder.Close)
	p.images = folderImages{folder, ".", true}
	return p, nil
}

func isFile(name string) (bool, error) {
	info, err := os.Stat(name)
	if err != nil {
		return false, fault.Errorf(fault.Usage, "%w", disk.PathError(name, err))
	}
	return !info.IsDir(), nil
}

func isThere(parts ...string) bool {
	_, err := os.Stat(filepath.Join(parts...))
	return err == nil
}

func isDir(parts ...string) bool {
	info, err := os.Stat(filepath.Join(parts...))
	return err == nil && info.IsDir()
}

func ofBundle(name string, b *bundle.Bundle) *published {
	p := &published{name: name, metadata: b, names: b.MetadataNames, images: noImages{}, server: b.Server().First}
	if e, found := b.Evidence(); found {
		p.evidence = e
	}
	return p
}

func openFolder(name string) (*published, *disk.Folder, error) {
	folder, err := disk.Open(name)
	if err != nil {
		return nil, nil, err
	}
	dir := "."
	if isDir(name, "metadata") {
		dir = "metadata"
	}
	p := &published{
		name:     name,
		metadata: signed.DirSource{Folder: folder, Dir: dir},
		names:    func() ([]string, error) { return signed.MetadataNames(folder, dir) },
		images:   noImages{},
		close:    []func() error{folder.Close},
	}
	if dir == "metadata" && isDir(name, "evidence") {
		sub, err := folder.Sub("evidence")
		if err != nil {
			return nil, nil, errors.Join(err, folder.Close())
		}
		p.evidence, p.close = sub, append(p.close, sub.Close)
	}
	return p, folder, nil
}

// Close releases the folders.
func (p *published) Close() error {
	var errs []error
	for _, c := range p.close {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}
