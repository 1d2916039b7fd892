package images

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Files are images where they lie, by the paths that a repository gives them.
type Files struct {
	places  map[string]place
	folders []*disk.Folder
}

// place is where one image lies.
type place struct {
	shown  string       // how people find it
	folder *disk.Folder // nil: shown is its path
	name   string       // in folder
	size   int64        // when it was found, in bytes
}

// Find finds images: each argument is a folder, whose files have their paths in it,
// or a file, which has its own name. Both are below under in the repository, where
// that is not empty. Links below a folder, devices and paths that no repository could
// serve are errors that name the path: nothing is left out.
func Find(args []string, under string) (*Files, error) {
	f := &Files{places: map[string]place{}}
	for _, arg := range args {
		if err := f.find(arg, under); err != nil {
			f.Close()
			return nil, err
		}
	}
	if err := roles.CheckClash(maps.Keys(f.places)); err != nil {
		f.Close()
		return nil, fault.Errorf(fault.Usage, "%s: %w", strings.Join(args, ", "), err)
	}
	return f, nil
}

func (f *Files) find(arg, under string) error {
	info, err := os.Stat(arg)
	if err != nil {
		return &fault.Error{Code: fault.Usage, Err: disk.PathError(arg, err)}
	}
	if !info.IsDir() {
		return f.add(path.Join(under, filepath.Base(arg)), place{shown: arg, size: info.Size()}, info.Mode())
	}
	folder, err := disk.Open(arg)
	if err != nil {
		return err
	}
	f.folders = append(f.folders, folder)
	err = fs.WalkDir(folder.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return f.add(path.Join(under, name), place{filepath.Join(arg, name), folder, name, info.Size()}, info.Mode())
	})
	if own := (*fault.Error)(nil); err != nil && !errors.As(err, &own) {
		return disk.PathError(arg, err)
	}
	return err
}

// add takes up one file that was found.
func (f *Files) add(name string, at place, mode fs.FileMode) error {
	refuse := func(format string, args ...any) *fault.Error {
		return fault.Errorf(fault.Usage, "%s: %w", words.Printable(at.shown), fmt.Errorf(format, args...))
	}
	if !mode.IsRegular() {
		return refuse("%s, want a regular file", disk.ModeName(mode))
	}
	if litter(path.Base(name)) {
		return refuse("is no image: file managers leave such files behind").
			Hint("nothing is left out by itself; remove what was left: find %s -name %q -delete", filepath.Dir(at.shown), path.Base(name))
	}
	if err := roles.CheckImagePath(name); err != nil {
		return refuse("%w", err)
	}
	if other, twice := f.places[name]; twice {
		return refuse("is %s in the repository, as is %s", name, words.Printable(other.shown)).Hint("release one of them")
	}
	f.places[name] = at
	return nil
}

// litter are files that macOS and Windows make in folders that somebody looks at.
func litter(name string) bool {
	return slices.Contains([]string{".DS_Store", "Thumbs.db", "desktop.ini"}, name) || strings.HasPrefix(name, "._")
}

// Paths lists the images, ascending.
func (f *Files) Paths() []string { return slices.Sorted(maps.Keys(f.places)) }

// Has says whether an image is here.
func (f *Files) Has(path string) bool {
	_, has := f.places[path]
	return has
}

// Open opens an image; without one it fails with [fs.ErrNotExist].
func (f *Files) Open(path string) (io.ReadCloser, error) { return f.open(path) }

func (f *Files) open(path string) (*os.File, error) {
	at, has := f.places[path]
	switch {
	case !has:
		return nil, disk.PathError(path, fs.ErrNotExist)
	case at.folder == nil:
		return disk.OpenRegular(at.shown, os.OpenFile)
	}
	return at.folder.Open(at.name)
}

// Close releases the folders.
func (f *Files) Close() (err error) {
	for _, folder := range f.folders {
		err = errors.Join(err, folder.Close())
	}
	return err
}
