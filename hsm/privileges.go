// What a helper gives up for good, on every one of its threads: new privileges,
// those it has, and more memory, files and processes than a module needs.

package hsm

import (
	"errors"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// dropPrivileges gives up every capability, also those of root and of the helper's
// own user namespace, and the way back to them.
func dropPrivileges() error {
	_, _, errno := psx.Syscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("no_new_privs", errno)
	}
	_, _, errno = psx.Syscall6(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("ambient capabilities", errno)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	_, _, errno = psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none[0])), 0)
	runtime.KeepAlive(&header)
	runtime.KeepAlive(&none)
	return errnoError("capset", errno)
}

// maxCopies is how often a module keeps a message that it signs: SoftHSM has two copies
// beside the helper's own.
const maxCopies = 3

// limit bounds what a module may use up: 1 GiB, and the copies of the largest message.
// Processes are counted by user, unless the helper has a user namespace of its own.
func limit(ownUsers bool) error {
	var errs []error
	set := func(resource int, value uint64) {
		errs = append(errs, os.NewSyscallError("setrlimit", unix.Setrlimit(resource, &unix.Rlimit{Cur: value, Max: value})))
	}
	set(unix.RLIMIT_DATA, 1<<30+maxCopies*maxBodyBytes)
	set(unix.RLIMIT_AS, 4<<30+maxCopies*maxBodyBytes) // reserved, for the most part: by Go's heap and a C heap for each thread
	set(unix.RLIMIT_FSIZE, 64<<20)
	if ownUsers {
		set(unix.RLIMIT_NPROC, 256)
	}
	return errors.Join(errs...)
}
