package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/uptane/keyrite/ceremony/fault"
	"golang.org/x/sys/unix"
)

// tempPrefix begins the name of a file that is not complete yet. A crash can
// leave one behind; no command reads or lists it, and Sweep removes it.
const tempPrefix = ".keyrite-"

// Folder is the one way to touch files. Paths are relative to it, with forward
// slashes, and nothing reaches out of it: neither `..` nor a symbolic link on a
// USB stick. Errors name the path and keep [fs.ErrNotExist] and [fs.ErrExist].
type Folder struct {
	root *os.Root
	ops  ops
}

// Open opens an existing folder.
func Open(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, PathError(dir, err)
	}
	return &Folder{root, system}, nil
}

// Close releases the folder. Files opened from it stay open.
func (f *Folder) Close() error { return f.root.Close() }

// Open opens a regular file for reading.
func (f *Folder) Open(name string) (*os.File, error) {
	return OpenRegular(name, f.root.OpenFile)
}

// OpenRegular opens a file and refuses what is not a regular one. It does not
// wait for a writer, as opening a named pipe otherwise would.
func OpenRegular(name string, open func(string, int, os.FileMode) (*os.File, error)) (*os.File, error) {
	file, err := open(name, os.O_RDONLY|unix.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, PathError(name, err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s, want a regular file", ModeName(info.Mode()))
	}
	if err != nil {
		file.Close()
		return nil, PathError(name, err)
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
	return ReadAll(name, file, limit)
}

func ReadAll(name string, file *os.File, limit int64) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, PathError(name, err)
	}
	if info.Size() > limit {
		return nil, fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", name, info.Size(), limit)
	}
	data := make([]byte, info.Size()) // which is a claim: what is really there may be less or more
	n, err := io.ReadFull(file, data)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, PathError(name, err)
	}
	var more [1]byte
	if extra, err := file.Read(more[:]); extra > 0 {
		return nil, fault.Errorf(fault.Unverified, "%s grew while it was read", name)
	} else if err != io.EOF {
		return nil, PathError(name, err)
	}
	return data[:n], nil
}

// Exists reports whether there is anything under a name, also a broken link.
func (f *Folder) Exists(name string) (bool, error) {
	_, err := f.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, PathError(name, err)
	}
	return true, nil
}

// Lstat tells of a name what can be told without opening it.
func (f *Folder) Lstat(name string) (fs.FileInfo, error) {
	info, err := f.root.Lstat(name)
	if err != nil {
		return nil, PathError(name, err)
	}
	return info, nil
}

// List returns the names in a folder, sorted, without incomplete files. A
// folder that does not exist is empty.
func (f *Folder) List(dir string) ([]string, error) {
	opened, err := f.root.OpenFile(path.Clean(dir), os.O_RDONLY|unix.O_DIRECTORY, 0) // never waits for a pipe
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, PathError(dir, err)
	}
	defer opened.Close()
	names, err := opened.Readdirnames(-1)
	if err != nil {
		return nil, PathError(dir, err)
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, tempPrefix) }), nil
}

// PathError names the file once: errors of package os bring a path and the
// name of a system call with them, which are cut off.
func PathError(name string, err error) error {
	var own *fault.Error
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
	if errors.Is(err, syscall.ENAMETOOLONG) {
		err = nameTooLong{}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// nameTooLong is a name that no file can have: there is none.
type nameTooLong struct{}

func (nameTooLong) Error() string        { return "no file can have so long a name" }
func (nameTooLong) Is(target error) bool { return target == fs.ErrNotExist }

func ModeName(mode fs.FileMode) string {
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
	file, err := OpenRegular(name, os.OpenFile)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadAll(name, file, limit)
}

// MaxInput bounds a file that a plan is derived from, in bytes: images.yaml of
// a million images is the largest.
const MaxInput = 1 << 30

// FS is the folder for walking through it.
func (f *Folder) FS() fs.FS { return f.root.FS() }

// MakeDir makes a folder, and those above it, where they are missing.
func (f *Folder) MakeDir(name string) error {
	if err := CheckPath(name); err != nil {
		return err
	}
	if err := f.root.MkdirAll(name, 0o755); err != nil {
		return PathError(name, err)
	}
	return nil
}
