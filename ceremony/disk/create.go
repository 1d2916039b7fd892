package disk

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/fault"
	"golang.org/x/sys/unix"
)

// Create writes a new file, and the folders above it where they are missing.
// It never overwrites: a name that is taken is an error with [fs.ErrExist]. After
// a failure or a crash there is either the whole file or none.
func (f *Folder) Create(name string, data []byte) error {
	return f.CreateFrom(name, writing(data))
}

// CreateFrom is Create for content that is too large for memory. The file
// appears when write has returned nil.
func (f *Folder) CreateFrom(name string, write func(io.Writer) error) error {
	if taken, err := f.Exists(name); err != nil {
		return err
	} else if taken {
		return errTaken(name)
	}
	return f.write(name, write, func(temp string) error {
		if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		return f.publish(temp, name)
	})
}

// Replace writes a file over the present one, for the few names that a layout
// fixes, such as timestamp.json. It does so only if the present content has the
// SHA-256 hash old. The present content is kept under the name keep.
func (f *Folder) Replace(name string, data []byte, old [32]byte, keep string) error {
	present, err := f.Read(name, MaxInput)
	if err != nil {
		return err
	}
	if got := sha256.Sum256(present); got != old {
		return fault.Errorf(fault.Unverified, "%s has changed; got SHA-256 %x, want %x", name, got, old)
	}
	if err := f.keep(keep, present); err != nil {
		return err
	}
	return f.Overwrite(name, data)
}

// keep creates a file, or finds that a run before a crash has created it.
func (f *Folder) keep(name string, data []byte) error {
	err := f.Create(name, data)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	kept, readErr := f.Read(name, int64(len(data)))
	if readErr != nil || !bytes.Equal(kept, data) {
		return err
	}
	return nil
}

// write makes a complete file under a temporary name beside its destination,
// durable, and hands it to place. After an error the temporary file is gone.
func (f *Folder) write(name string, write func(io.Writer) error, place func(temp string) error) (err error) {
	temp := path.Join(f.existing(path.Dir(name)), tempPrefix+rand.Text())
	file, err := f.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return PathError(name, err)
	}
	defer func() {
		if err != nil {
			f.root.Remove(temp)
		}
	}()
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return PathError(name, err)
	}
	if err := place(temp); err != nil {
		return PathError(name, err)
	}
	return f.sync(path.Dir(name))
}

// existing returns the deepest folder of a path that exists already, so that
// a failure leaves no new folder either.
func (f *Folder) existing(dir string) string {
	for dir != "." && dir != "/" {
		if info, err := f.root.Stat(dir); err == nil && info.IsDir() {
			break
		}
		dir = path.Dir(dir)
	}
	return dir
}

// publish gives a complete file its name if that is free, in one step. Network
// file systems lack that step and take a hard link; FAT is the other way round.
func (f *Folder) publish(temp, name string) error {
	err := f.renameFree(temp, name)
	if errors.Is(err, unix.EINVAL) {
		err = f.linkFree(temp, name)
	}
	if errors.Is(err, fs.ErrExist) {
		return errTaken(name)
	}
	return err
}

func (f *Folder) linkFree(temp, name string) error {
	if err := f.root.Link(temp, name); err != nil {
		return err
	}
	return f.root.Remove(temp)
}

func (f *Folder) renameFree(temp, name string) error {
	from, err := f.root.Open(path.Dir(temp))
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := f.root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	defer to.Close()
	return unix.Renameat2(int(from.Fd()), path.Base(temp), int(to.Fd()), path.Base(name), unix.RENAME_NOREPLACE)
}

// sync makes new names durable, in the folder and in those above it.
func (f *Folder) sync(dir string) error {
	for {
		file, err := f.root.Open(dir)
		if err != nil {
			return PathError(dir, err)
		}
		err = file.Sync()
		file.Close()
		if err != nil {
			return PathError(dir, err)
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

// OpenAppend opens a file for reading and appending, and makes it and the
// folders above it if it is not there.
func (f *Folder) OpenAppend(name string) (*os.File, error) {
	if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return nil, PathError(name, err)
	}
	open := func(name string, flag int, perm os.FileMode) (*os.File, error) {
		return f.root.OpenFile(name, flag|os.O_RDWR|os.O_APPEND|os.O_CREATE, perm)
	}
	file, err := OpenRegular(name, open)
	if err != nil {
		return nil, err
	}
	if err := f.sync(path.Dir(name)); err != nil {
		file.Close()
		return nil, err
	}
	_, err = file.Seek(0, io.SeekStart)
	return file, err
}

// CreateFile is Folder.CreateFrom for a path outside of a workspace that was
// given on the command line. Its folder must exist.
func CreateFile(name string, write func(io.Writer) error) error {
	folder, err := Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.CreateFrom(filepath.Base(name), write)
}

// Overwrite writes a file whatever was there before: only for what a client
// remembers, never by itself for anything signed in a workspace.
func (f *Folder) Overwrite(name string, data []byte) error {
	return f.OverwriteFrom(name, writing(data))
}

func (f *Folder) OverwriteFrom(name string, write func(io.Writer) error) error {
	return f.write(name, write, func(temp string) error { return f.root.Rename(temp, name) })
}

func writing(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

func errTaken(name string) error {
	return fault.Errorf(fault.Failed, "%s: %w; nothing is ever overwritten", name, fs.ErrExist)
}
