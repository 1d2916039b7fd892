package disk

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// content is what a file is to hold.
type content struct {
	write func(io.Writer) error
	check func(file) error // after it was written; nil for none
	mode  fs.FileMode      // before anything is in it; 0 for the usual one
}

// known is content that is compared with what the disk holds.
func known(data []byte) content {
	return content{
		write: func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		},
		check: func(written file) error { return readBack(written, data) },
	}
}

// readBack reads a file from the disk, not from the cache where the system can
// drop it, and compares.
func readBack(written file, want []byte) error {
	unix.Fadvise(int(written.Fd()), 0, 0, unix.FADV_DONTNEED)
	part := make([]byte, 256<<10)
	for at := 0; ; {
		n, err := written.ReadAt(part, int64(at))
		if n > len(want)-at || !bytes.Equal(part[:n], want[at:at+n]) {
			return errors.New("it does not read back as it was written")
		}
		at += n
		switch {
		case err == io.EOF && at == len(want):
			return nil
		case err == io.EOF:
			return errors.New("it does not read back as it was written")
		case err != nil:
			return err
		}
	}
}

// Holds demands that a file holds just these bytes.
func (f *Folder) Holds(name string, want []byte) error {
	opened, err := f.Open(name)
	if err != nil {
		return err
	}
	defer opened.Close()
	if err := readBack(opened, want); err != nil {
		return PathError(name, err)
	}
	return nil
}

// write makes a complete file under a temporary name in the folder above, durable,
// and hands it to place, which makes the new name durable. After an error the
// temporary file is gone.
func (f *Folder) write(name, above string, c content, place func(temp string, own fs.FileInfo) error) (err error) {
	temp := path.Join(above, tempPrefix+rand.Text())
	written, err := f.ops.open(f.root, temp, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return PathError(name, err)
	}
	writing(written)
	defer func() {
		if err != nil {
			f.root.Remove(temp)
		}
	}()
	if c.mode != 0 {
		err = f.root.Chmod(temp, c.mode)
	}
	var own fs.FileInfo
	if err == nil {
		own, err = fill(name, written, c)
	}
	if closeErr := written.Close(); err == nil && closeErr != nil {
		err = PathError(name, closeErr)
	}
	if err != nil {
		return err
	}
	if err := place(temp, own); err != nil {
		return PathError(name, err)
	}
	return nil
}

// fill writes the content of a file, to the disk and no less.
func fill(name string, written file, c content) (own fs.FileInfo, err error) {
	if err := c.write(&toDisk{name, written}); err != nil {
		return nil, err
	}
	if err := written.Sync(); err != nil {
		return nil, PathError(name, err)
	}
	if c.check != nil {
		if err := c.check(written); err != nil {
			return nil, PathError(name, err)
		}
	}
	if own, err = written.Stat(); err != nil {
		return nil, PathError(name, err)
	}
	return own, nil
}

// toDisk names the file in errors, and not the temporary one. What else goes
// wrong while content is made has a name of its own.
type toDisk struct {
	name string
	to   io.Writer
}

func (w *toDisk) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err != nil {
		err = PathError(w.name, err)
	}
	return n, err
}

// sync makes new names durable, in the folder and in those above it.
func (f *Folder) sync(dir string) error {
	for {
		folder, err := f.ops.open(f.root, dir, os.O_RDONLY)
		if err != nil {
			return PathError(dir, err)
		}
		err = folder.Sync()
		folder.Close()
		if err != nil {
			return PathError(dir, err)
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}
