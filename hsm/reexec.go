// A program whose file nobody may read is one whose memory nobody may read: the
// kernel makes it so when the program starts, and not a moment later. So keyrite
// starts itself again from a sealed file in memory with mode 0111, once, before it logs
// in anywhere, and its helpers start from the same. A process of the same user can then neither open
// its memory nor take its descriptors. (root can; as root the kernel does not
// even hide what root itself runs.)

package hsm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const selfExe = "/proc/self/exe"

// sealedName is what the kernel calls a program that runs from a sealedCopy.
const sealedName = "keyrite"

// Reexec starts this program again from an unreadable copy in memory, with the
// same arguments, environment and process id, unless it runs from one already.
// A command calls it before it does anything that counts, unless it holds no secret: it
// costs the start of a process. Where it is not possible it returns and keyrite goes on;
// Harden says so.
func Reexec() {
	if isSealed() {
		name := append([]byte(sealedName), 0)
		_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&name[0])), 0, 0, 0) // for people who look at ps
		return
	}
	program, err := sealedProgram()
	if err == nil {
		_, _ = unix.FcntlInt(program.Fd(), unix.F_SETFD, 0) // it stays open, for OpenProgram
		err = syscall.Exec(descriptor(int(program.Fd())), os.Args, os.Environ())
	}
	notSealed = err
}

// notSealed is why Reexec could not start a sealed copy, as under vm.memfd_noexec.
var notSealed error

// isSealed reports whether this process runs from a sealedCopy.
func isSealed() bool {
	name, err := os.Readlink(selfExe)
	return err == nil && name == "/memfd:"+sealedName+" (deleted)"
}

// sealedProgram is an unreadable copy of this program. It is made once.
var sealedProgram = sync.OnceValues(func() (*os.File, error) {
	// A child that is started now would inherit the copy open for writing.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	self, err := os.Open(selfExe)
	if err != nil {
		return nil, err
	}
	defer self.Close()
	return sealedCopy(sealedName, func(to *os.File) error { return sendAll(to, self) }, unix.MFD_EXEC, 0o111)
})

// sendAll copies a file in the kernel: a program is large, and people wait.
func sendAll(to, from *os.File) error {
	for {
		n, err := unix.Sendfile(int(to.Fd()), int(from.Fd()), nil, 1<<30)
		if err != nil || n == 0 {
			return os.NewSyscallError("sendfile", err)
		}
	}
}

// helperProgram is the path that a helper is started from: these very bytes, even
// if the file was replaced since.
func helperProgram() string {
	if isSealed() {
		return selfExe
	}
	program, err := sealedProgram()
	if err != nil || notSealed != nil { // no such file can be made, or executed: Protections say so
		return selfExe
	}
	return descriptor(int(program.Fd()))
}

// OpenProgram opens the bytes of this program, to be hashed.
func OpenProgram() (*os.File, error) {
	file, err := os.Open(selfExe)
	if err == nil || !errors.Is(err, os.ErrPermission) {
		return file, err
	}
	// Unreadable now: Reexec left a descriptor from before.
	program, err := os.Stat(selfExe)
	if err != nil {
		return nil, err
	}
	fds, err := filepath.Glob("/proc/self/fd/*")
	for _, fd := range fds {
		if info, err := os.Stat(fd); err == nil && os.SameFile(info, program) {
			return duplicate(fd)
		}
	}
	return nil, errors.Join(err, fmt.Errorf("open %s: %w", selfExe, os.ErrPermission))
}

// descriptor is the path of an open file of this process.
func descriptor(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// duplicate is another descriptor of the file that is open at path, at its start.
func duplicate(path string) (*os.File, error) {
	fd, err := strconv.Atoi(filepath.Base(path))
	if err != nil {
		return nil, err
	}
	if fd, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3); err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), selfExe)
	_, err = file.Seek(0, io.SeekStart)
	return file, err
}
