package bundle

import (
	"errors"
	"io"
	"os"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"golang.org/x/sys/unix"
)

// archive is the file of a bundle.
type archive interface {
	io.ReaderAt
	Size() int64
}

type archiveFile struct {
	*os.File
	size int64
}

func (a archiveFile) Size() int64 { return a.size }

// openArchive opens the file of a bundle.
func openArchive(name string) (archiveFile, error) {
	file, err := disk.OpenRegular(name, os.OpenFile)
	if err != nil {
		return archiveFile{}, err
	}
	info, err := file.Stat()
	if err == nil {
		err = checkHoles(file, info.Size())
	}
	if err != nil {
		file.Close()
		return archiveFile{}, bundleError(name, err)
	}
	return archiveFile{file, info.Size()}, nil
}

// A file may claim a size and hold nothing: what was never written reads as zeros,
// as fast as zeros are hashed. An interrupted copy looks like that, and so does a file
// that is meant to keep this machine busy.
const (
	minSparse = 64 << 20 // bytes up to which nobody looks
	minFilled = 64       // a bundle has written at least one byte in so many
)

// checkHoles refuses a file that is nearly all holes.
func checkHoles(file *os.File, size int64) error {
	if size <= minSparse {
		return nil
	}
	written, err := writtenBytes(file, size/minFilled)
	if err != nil {
		return err
	}
	if written < size/minFilled {
		return fault.Errorf(fault.Unverified, "holds only %d bytes; the rest of its %d was never written", written, size).
			Hint("copy the bundle again; an interrupted copy looks like this")
	}
	return nil
}

// writtenBytes counts what of a file is no hole, up to about enough. Where the file
// system does not tell, that is all of it.
func writtenBytes(file *os.File, enough int64) (written int64, err error) {
	for end := int64(0); written < enough; {
		start, err := unix.Seek(int(file.Fd()), end, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break // a hole up to the end
		}
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) {
			return enough, nil
		}
		if err != nil {
			return 0, err
		}
		if end, err = unix.Seek(int(file.Fd()), start, unix.SEEK_HOLE); err != nil {
			return 0, err
		}
		written += end - start
	}
	return written, nil
}
