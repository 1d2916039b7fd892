// A root of its own: of the machine's files the helper sees those that it needs and
// no more, and may write to its state alone. It needs a mount namespace.

package hsm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// newRoot moves this process to a root that shows the paths and nothing else. It
// is built on skeleton, a folder of this user, in which it makes an empty folder or
// file for each: in memory, or in that folder itself, since in a user namespace that
// maps no user nothing can be made in memory.
func newRoot(skeleton string, paths []access, inMemory bool) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return os.NewSyscallError("mount private", err)
	}
	trees, err := cloneTrees(paths)
	defer func() {
		for _, tree := range trees {
			unix.Close(tree)
		}
	}()
	if err != nil {
		return err
	}
	if err := mountSkeleton(skeleton, inMemory); err != nil {
		return err
	}
	for _, old := range oldNames {
		if _, err := makePath(skeleton, old, true); err != nil {
			return fmt.Errorf("%s: %w", old, err)
		}
	}
	for i, p := range paths {
		if err := mountTree(trees[i], skeleton, p.path); err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
	}
	return enterRoot(skeleton)
}

// oldNames are links on most machines, by which modules name what is declared
// below the folder that they lead to.
var oldNames = []string{"/var/run", "/var/lock"}

// cloneTrees clones what is mounted at each path, with what is below.
func cloneTrees(paths []access) (trees []int, err error) {
	for _, p := range paths {
		tree, err := unix.OpenTree(unix.AT_FDCWD, p.path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		if err != nil {
			return trees, fmt.Errorf("%s: %w", p.path, err)
		}
		trees = append(trees, tree)
		attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID}
		if !p.writable() {
			attr.Attr_set |= unix.MOUNT_ATTR_RDONLY
		} else {
			attr.Attr_set |= unix.MOUNT_ATTR_NOEXEC // nothing that it writes is loaded as code
		}
		if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, attr); err != nil {
			return trees, fmt.Errorf("%s: mount_setattr: %w", p.path, err)
		}
	}
	return trees, nil
}

// mountSkeleton makes the skeleton a mount, as pivot_root wants it.
func mountSkeleton(skeleton string, inMemory bool) error {
	if inMemory {
		return os.NewSyscallError("mount tmpfs", unix.Mount("tmpfs", skeleton, "tmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=0755,size=1m"))
	}
	return os.NewSyscallError("mount skeleton", unix.Mount(skeleton, skeleton, "", unix.MS_BIND, ""))
}

// mountTree mounts a clone in the skeleton, at the path it has on the machine.
func mountTree(tree int, skeleton, path string) error {
	var stat unix.Stat_t
	if err := unix.Fstat(tree, &stat); err != nil {
		return err
	}
	at, err := makePath(skeleton, path, stat.Mode&unix.S_IFMT == unix.S_IFDIR)
	if err != nil {
		return err
	}
	return os.NewSyscallError("move_mount", unix.MoveMount(tree, "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH))
}

// makePath makes a place for path in the skeleton, with the links that lead there
// on the machine, such as /lib and /var/run. It returns where that place is.
func makePath(skeleton, path string, folder bool) (string, error) {
	done := "/"
	rest := strings.Split(strings.Trim(path, "/"), "/")
	for links := 0; len(rest) > 0; {
		next := filepath.Join(done, rest[0])
		rest = rest[1:]
		// A skeleton on disk serves several helpers, and each has another /proc/self.
		if target, err := os.Readlink(next); err == nil && next != "/proc/self" {
			if links++; links > 40 {
				return "", unix.ELOOP
			}
			if err := os.Symlink(target, filepath.Join(skeleton, next)); err != nil && !errors.Is(err, os.ErrExist) {
				return "", err
			}
			if !filepath.IsAbs(target) {
				target = filepath.Join(done, target)
			}
			done, rest = "/", append(strings.Split(strings.Trim(target, "/"), "/"), rest...)
			continue
		}
		if err := makePlace(filepath.Join(skeleton, next), folder || len(rest) > 0); err != nil {
			return "", err
		}
		done = next
	}
	return filepath.Join(skeleton, done), nil
}

// makePlace makes an empty folder or file, if there is none.
func makePlace(path string, folder bool) error {
	if folder {
		if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		return nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	return file.Close()
}

// enterRoot makes the skeleton the root, read-only, and lets go of the old one.
func enterRoot(skeleton string) error {
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	if err := unix.MountSetattr(unix.AT_FDCWD, skeleton, 0, attr); err != nil {
		return os.NewSyscallError("mount_setattr", err)
	}
	if err := unix.Chdir(skeleton); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return os.NewSyscallError("pivot_root", err)
	}
	// The old root lies over the new one now.
	return errors.Join(os.NewSyscallError("umount", unix.Unmount(".", unix.MNT_DETACH)), unix.Chdir("/"))
}
