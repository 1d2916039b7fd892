package disk

import (
	"io"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// ops are the calls to the system on which durability stands. A bad disk or a
// small file system makes them fail; so do tests.
type ops struct {
	open       func(root *os.Root, name string, flag int) (file, error) // of a file to write, of a folder to sync
	renameFree func(root *os.Root, old, new string) error               // never over anything
	link       func(root *os.Root, old, new string) error
	rename     func(root *os.Root, old, new string) error // over what is there
	syncAll    func(root *os.Root) error                  // of everything on the file system
}

// file is what is asked of an [os.File].
type file interface {
	io.Writer
	io.ReaderAt
	Stat() (fs.FileInfo, error)
	Sync() error
	Close() error
	Fd() uintptr
}

var system = ops{open: open, renameFree: renameFree, link: (*os.Root).Link, rename: (*os.Root).Rename, syncAll: syncAll}

func open(root *os.Root, name string, flag int) (file, error) {
	opened, err := root.OpenFile(name, flag, 0o644)
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func renameFree(root *os.Root, old, new string) error {
	from, err := root.Open(path.Dir(old))
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.Open(path.Dir(new))
	if err != nil {
		return err
	}
	defer to.Close()
	return unix.Renameat2(int(from.Fd()), path.Base(old), int(to.Fd()), path.Base(new), unix.RENAME_NOREPLACE)
}

func syncAll(root *os.Root) error {
	folder, err := root.Open(".")
	if err != nil {
		return err
	}
	defer folder.Close()
	return unix.Syncfs(int(folder.Fd()))
}
