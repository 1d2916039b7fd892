package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// publish gives a complete file its name if that is free, in one step. Network
// file systems lack that step and take a hard link; FAT is the other way round.
// exFAT through FUSE has neither.
func (f *Folder) publish(temp, name string) error {
	err := f.ops.renameFree(f.root, temp, name)
	if lacking(err) {
		err = f.linkFree(temp, name)
	}
	if lacking(err) {
		err = f.claim(temp, name)
	}
	if errors.Is(err, fs.ErrExist) {
		return f.errTaken(name)
	}
	return err
}

// lacking says that a file system cannot do what it was asked, or cannot do it
// again: the number of hard links has a limit.
func lacking(err error) bool {
	for _, errno := range []unix.Errno{unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP, unix.EPERM, unix.EMLINK} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

func (f *Folder) linkFree(temp, name string) error {
	if err := f.ops.link(f.root, temp, name); err != nil {
		return err
	}
	return f.root.Remove(temp)
}

// claim takes a free name with an empty file, and renames over that file and no
// other. A crash between the two leaves the empty file behind.
func (f *Folder) claim(temp, name string) error {
	claimed, err := f.ops.open(f.root, name, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return f.named(err)
	}
	defer claimed.Close() // as long as it is open, no other file gets its number
	own, err := claimed.Stat()
	if err != nil {
		return err
	}
	if there, err := f.root.Lstat(name); err != nil {
		return err
	} else if !os.SameFile(own, there) || there.Size() != 0 {
		return fs.ErrExist
	}
	if err := f.ops.rename(f.root, temp, name); err != nil {
		f.removeOwn(name, own)
		return f.named(err)
	}
	return nil
}

// publishDir is publish for a folder. Where the one step lacks, the plain rename
// replaces at most a folder that is empty and has come this very moment: rename(2)
// does, and Root.Rename of some versions of Go.
func (f *Folder) publishDir(temp, name string) error {
	err := f.ops.renameFree(f.root, temp, name)
	if lacking(err) {
		if _, err := f.root.Lstat(name); err == nil {
			return f.errTaken(name)
		}
		err = f.named(f.ops.rename(f.root, temp, name))
	}
	if errors.Is(err, fs.ErrExist) || errors.Is(err, unix.ENOTDIR) {
		return f.errTaken(name)
	}
	if err != nil {
		return PathError(name, err)
	}
	return nil
}

// named says which file system an error comes from, since it is the reason.
func (f *Folder) named(err error) error {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return err
	}
	root, openErr := f.root.Open(".")
	if openErr != nil {
		return err
	}
	defer root.Close()
	var there unix.Statfs_t
	if unix.Fstatfs(int(root.Fd()), &there) != nil {
		return err
	}
	return fmt.Errorf("a file system of type %s gives no finished file its name: %w", typeName(int64(there.Type)), errno)
}

// typeNames are the file systems on which this may happen, by their magic number.
var typeNames = map[int64]string{
	unix.EXFAT_SUPER_MAGIC: "exFAT", unix.MSDOS_SUPER_MAGIC: "FAT", unix.FUSE_SUPER_MAGIC: "FUSE", 0x7366746e: "NTFS",
	unix.NFS_SUPER_MAGIC: "NFS", unix.CIFS_SUPER_MAGIC: "CIFS", unix.SMB2_SUPER_MAGIC: "SMB", unix.V9FS_MAGIC: "9P",
}

func typeName(magic int64) string {
	if name := typeNames[magic]; name != "" {
		return name
	}
	return fmt.Sprintf("0x%x", magic)
}
