package ceremony

import (
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Unbundle unpacks a bundle into a new folder; the folder above it must exist.
// The bundle is read once and verified while it is unpacked under a temporary
// name, so that dir appears complete and verified or, after an error, not at all.
func Unbundle(file, dir string) error {
	archive, err := openRegular(file, os.OpenFile)
	if err != nil {
		return err
	}
	defer archive.Close()
	above, err := OpenFolder(filepath.Dir(filepath.Clean(dir)))
	if err != nil {
		return err
	}
	defer above.Close()
	return above.createDir(filepath.Base(dir), func(inside *Folder) error {
		if err := unpack(archive, inside); err != nil {
			return bundleError(file, err)
		}
		return nil
	})
}

// createDir makes a new folder whose content fill makes. It appears when fill
// has returned nil; after an error there is nothing.
func (f *Folder) createDir(name string, fill func(*Folder) error) error {
	if taken, err := f.Exists(name); err != nil {
		return err
	} else if taken {
		return errTaken(name)
	}
	temp := tempPrefix + rand.Text()
	if err := f.root.Mkdir(temp, 0o755); err != nil {
		return pathError(name, err)
	}
	err := f.fillDir(temp, fill)
	if err == nil {
		err = f.publishDir(temp, name)
	}
	if err != nil {
		return errors.Join(err, f.root.RemoveAll(temp))
	}
	return f.sync(".")
}

// fillDir fills a folder and makes its content durable, all files at once:
// syncing a hundred thousand one by one takes minutes.
func (f *Folder) fillDir(name string, fill func(*Folder) error) error {
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return pathError(name, err)
	}
	defer root.Close()
	if err := fill(&Folder{root}); err != nil {
		return err
	}
	d, err := root.Open(".")
	if err != nil {
		return pathError(name, err)
	}
	defer d.Close()
	return unix.Syncfs(int(d.Fd()))
}

// publishDir is publish for a folder. Where names cannot be taken in one step,
// the plain rename replaces at most an empty folder.
func (f *Folder) publishDir(temp, name string) error {
	err := f.renameFree(temp, name)
	if errors.Is(err, unix.EINVAL) {
		err = f.root.Rename(temp, name)
	}
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.ENOTEMPTY) {
		return errTaken(name)
	}
	return err
}

// unpack writes all files of a bundle into an empty folder.
func unpack(archive io.Reader, into *Folder) error {
	m, err := readBundle(archive, func(file manifestFile, _ int64, content io.Reader) error {
		return into.unpackFile(file.Path, content)
	})
	if err != nil {
		return err
	}
	for _, file := range m.Files {
		if file.SameAs == "" {
			continue
		}
		if err := into.linkOrCopy(file.SameAs, file.Path); err != nil {
			return err
		}
	}
	return nil
}

// unpackFile is Create for a folder that is itself temporary.
func (f *Folder) unpackFile(name string, content io.Reader) error {
	if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return pathError(name, err)
	}
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return pathError(name, err)
	}
	_, err = io.Copy(file, content)
	if err := errors.Join(err, file.Close()); err != nil {
		return pathError(name, err)
	}
	return nil
}

// linkOrCopy gives a file a second name. FAT has no hard links, and others have
// a limit of them.
func (f *Folder) linkOrCopy(from, to string) error {
	if err := f.root.MkdirAll(path.Dir(to), 0o755); err != nil {
		return pathError(to, err)
	}
	if f.root.Link(from, to) == nil {
		return nil
	}
	return f.copyFile(from, to)
}

func (f *Folder) copyFile(from, to string) error {
	file, err := f.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	return f.unpackFile(to, file)
}
