package ceremony

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// tempPrefix begins the name of a file that is not complete yet. A crash can
// leave one behind; no command reads or lists it, and it may be deleted.
const tempPrefix = ".keyrite-"

// Folder is the one way to touch files. Paths are relative to it, with forward
// slashes, and nothing reaches out of it: neither `..` nor a symbolic link on a
// USB stick. Errors name the path and keep [fs.ErrNotExist] and [fs.ErrExist].
type Folder struct {
	root *os.Root
}

// OpenFolder opens an existing folder.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, pathError(dir, err)
	}
	return &Folder{root}, nil
}

// Close releases the folder. Files opened from it stay open.
func (f *Folder) Close() error { return f.root.Close() }

// Open opens a regular file for reading.
func (f *Folder) Open(name string) (*os.File, error) {
	return openRegular(name, f.root.OpenFile)
}

// openRegular opens a file and refuses what is not a regular one. It does not
// wait for a writer, as opening a named pipe otherwise would.
func openRegular(name string, open func(string, int, os.FileMode) (*os.File, error)) (*os.File, error) {
	file, err := open(name, os.O_RDONLY|unix.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, pathError(name, err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s, want a regular file", modeName(info.Mode()))
	}
	if err != nil {
		file.Close()
		return nil, pathError(name, err)
	}
	return file, nil
}

// Read returns the content of a regular file of at most limit bytes.
func (f *Folder) Read(name string, limit int64) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(name, file, limit)
}

func readAll(name string, file *os.File, limit int64) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, pathError(name, err)
	}
	if info.Size() > limit {
		return nil, Errorf(Unverified, "%s is %d bytes, want at most %d", name, info.Size(), limit)
	}
	var b bytes.Buffer
	b.Grow(int(info.Size()) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(file, limit+1)); err != nil {
		return nil, pathError(name, err)
	}
	if int64(b.Len()) > limit {
		return nil, Errorf(Unverified, "%s grew while it was read, want at most %d bytes", name, limit)
	}
	return b.Bytes(), nil
}

// Exists reports whether there is anything under a name, also a broken link.
func (f *Folder) Exists(name string) (bool, error) {
	_, err := f.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, pathError(name, err)
	}
	return true, nil
}

// List returns the names in a folder, sorted, without incomplete files. A
// folder that does not exist is empty.
func (f *Folder) List(dir string) ([]string, error) {
	entries, err := fs.ReadDir(f.root.FS(), path.Clean(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, pathError(dir, err)
	}
	var names []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), tempPrefix) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// pathError names the file once: errors of package os bring a path and the
// name of a system call with them, which are cut off.
func pathError(name string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	var p *fs.PathError
	var l *os.LinkError
	if errors.As(err, &p) {
		err = p.Err
	} else if errors.As(err, &l) {
		err = l.Err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func modeName(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "is a folder"
	case mode&fs.ModeSymlink != 0:
		return "is a symbolic link"
	default:
		return "is a device or pipe"
	}
}

// ReadFile reads a regular file of at most limit bytes that was named on the
// command line.
func ReadFile(name string, limit int64) ([]byte, error) {
	file, err := openRegular(name, os.OpenFile)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(name, file, limit)
}
