package disk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/uptane/keyrite/ceremony/fault"
)

// Create writes a new file, and the folders above it where they are missing.
// It never overwrites: a name that is taken is an error with [fs.ErrExist]. The
// content is on the disk and has been read back before it gets its name. After
// a failure or a crash there is either the whole file or none.
func (f *Folder) Create(name string, data []byte) error {
	return f.create(name, known(data))
}

// Ensure creates a file, or finds that it holds these bytes already: a run before a
// crash has created it.
func (f *Folder) Ensure(name string, data []byte) error {
	err := f.Create(name, data)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	there, readErr := f.Read(name, int64(len(data)))
	if readErr != nil || !bytes.Equal(there, data) {
		return err
	}
	return nil
}

// CreateFrom is Create for content that is too large for memory, which is not
// read back. The file appears when write has returned nil.
func (f *Folder) CreateFrom(name string, write func(io.Writer) error) error {
	return f.create(name, content{write: write})
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

// CreatePrivate is CreateFile for content that is nobody else's, in memory: the file
// has mode 0600.
func CreatePrivate(name string, data []byte) error {
	folder, err := Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer folder.Close()
	c := known(data)
	c.mode = 0o600
	return folder.create(filepath.Base(name), c)
}

func (f *Folder) create(name string, c content) (err error) {
	if err := f.free(name); err != nil {
		return err
	}
	above := f.existing(path.Dir(name))
	defer func() {
		if err != nil {
			f.removeEmpty(path.Dir(name), above)
		}
	}()
	return f.write(name, above, c, func(temp string, own fs.FileInfo) error {
		if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		if err := f.publish(temp, name); err != nil {
			return err
		}
		err := f.sync(path.Dir(name))
		if err != nil { // a crash could take the name away later: better now
			f.removeOwn(name, own)
		}
		return err
	})
}

// free refuses a name that is taken, and one that other disks do not take.
func (f *Folder) free(name string) error {
	if err := CheckPath(name); err != nil {
		return err
	}
	taken, err := f.Exists(name)
	if taken {
		err = f.errTaken(name)
	}
	return err
}

// errTaken is the error for a name that is taken. A crash between the two steps
// of claim can have left an empty file.
func (f *Folder) errTaken(name string) error {
	err := fault.Errorf(fault.Failed, "%s: %w; nothing is ever overwritten", name, fs.ErrExist)
	if info, statErr := f.root.Lstat(name); statErr == nil && info.Mode().IsRegular() && info.Size() == 0 {
		return err.Hint("%s is empty, as a crash can leave it on a file system such as exFAT; if it is yours, remove it", name)
	}
	return err
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

// removeEmpty removes folders that were made for a file which did not come, up to
// the one that was there before.
func (f *Folder) removeEmpty(dir, above string) {
	for ; dir != above && dir != "." && dir != "/"; dir = path.Dir(dir) {
		if info, err := f.root.Lstat(dir); err != nil || !info.IsDir() || f.root.Remove(dir) != nil {
			return
		}
	}
}

// removeOwn removes a file if it is still the one that was made here.
func (f *Folder) removeOwn(name string, own fs.FileInfo) {
	if info, err := f.root.Lstat(name); err == nil && os.SameFile(info, own) {
		f.root.Remove(name)
	}
}
