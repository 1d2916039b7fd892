// Files, TCP ports, abstract sockets and signals, as far as this kernel's Landlock
// goes (landlock(7)): what is not granted is refused, for good. Landlock does not
// see stat, nor changes of mode and owner; the root of its own and the filter do.

package hsm

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// rulesetAttr is struct landlock_ruleset_attr: what is refused unless granted.
type rulesetAttr struct{ files, net, scoped uint64 }

// landlockABI is the version of Landlock of this kernel, 0 without.
func landlockABI() int {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(abi)
}

// handledBy returns what an ABI can refuse, and how much of it the kernel reads.
func handledBy(abi int) (attr rulesetAttr, size uintptr) {
	attr.files, size = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1-1, 8 // everything up to it
	if abi >= 2 {
		attr.files |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		attr.files |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 4 {
		attr.net, size = unix.LANDLOCK_ACCESS_NET_BIND_TCP|unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, 16
	}
	if abi >= 5 {
		attr.files |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if abi >= 6 {
		attr.scoped, size = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET|unix.LANDLOCK_SCOPE_SIGNAL, 24
	}
	if abi >= 9 {
		attr.files |= unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX
	}
	return attr, size
}

// Rights below a path. None of them executes.
const (
	rightsRead  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	rightsWrite = rightsRead | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_REFER | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	rightsConnect = unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX

	// rightsOfFiles are those that make sense for what is no folder.
	rightsOfFiles = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_IOCTL_DEV | unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX
)

// restrictAccess leaves this process these paths and the TCP ports to connect to. It
// returns the ABI of the rules that hold.
// Every thread must have no_new_privs.
func restrictAccess(paths []access, ports []uint16) (abi int, err error) {
	if abi = landlockABI(); abi < 1 {
		return 0, errors.New("this kernel has no Landlock; Linux 5.13 and later do, unless it is switched off")
	}
	handled, size := handledBy(abi)
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&handled)), size, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("landlock_create_ruleset", errno)
	}
	ruleset := int(fd)
	defer unix.Close(ruleset)
	// A thread that is restricted already lists the others to restrict them too.
	threads := access{path: fmt.Sprintf("/proc/%d/task", os.Getpid()), rights: unix.LANDLOCK_ACCESS_FS_READ_DIR}
	for _, p := range append(slices.Clone(paths), threads) {
		if err := grantPath(ruleset, p, handled.files); err != nil {
			return 0, fmt.Errorf("%s: %w", p.path, err)
		}
	}
	for _, port := range ports {
		if err := grantPort(ruleset, port, handled.net); err != nil {
			return 0, fmt.Errorf("port %d: %w", port, err)
		}
	}
	if _, _, errno = psx.Syscall3(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return 0, errnoError("landlock_restrict_self", errno)
	}
	return abi, nil
}

// grantPath grants the rights of a path and of what is below it.
func grantPath(ruleset int, p access, handled uint64) error {
	fd, err := unix.Open(p.path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	rights := p.rights & handled
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= rightsOfFiles
	}
	if rights == 0 {
		return nil // a socket, before ABI 9
	}
	rule := struct { // struct landlock_path_beneath_attr, which is packed
		allowed uint64
		parent  int32
	}{rights, int32(fd)}
	return addRule(ruleset, unix.LANDLOCK_RULE_PATH_BENEATH, unsafe.Pointer(&rule))
}

// grantPort grants connections to a TCP port, of any host: Landlock looks at no
// addresses.
func grantPort(ruleset int, port uint16, handled uint64) error {
	rule := struct{ allowed, port uint64 }{unix.LANDLOCK_ACCESS_NET_CONNECT_TCP & handled, uint64(port)}
	if rule.allowed == 0 {
		return nil
	}
	const netPort = 2 // LANDLOCK_RULE_NET_PORT
	return addRule(ruleset, netPort, unsafe.Pointer(&rule))
}

func addRule(ruleset, kind int, rule unsafe.Pointer) error {
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), uintptr(kind), uintptr(rule), 0, 0, 0)
	runtime.KeepAlive(rule)
	return errnoError("landlock_add_rule", errno)
}

// errnoError is the error of a raw system call, nil when there is none.
func errnoError(call string, errno unix.Errno) error {
	if errno == 0 {
		return nil
	}
	return os.NewSyscallError(call, errno)
}
