// The doors as a helper tries them. What a system call would do is never done: its
// arguments are such that nothing comes of it where it is let through.

package hsm

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// attempt is a door as the helper tries it: nil is open.
type attempt struct {
	name string
	try  func() error
}

// probe tries the doors.
func (h *helper) probe(args probeArgs, _ []byte) ([]Door, error) {
	if h.module != nil {
		return nil, faultf(ErrUsage, "helper: too late to probe")
	}
	var doors []Door
	for _, a := range slices.Concat(h.asked.attempts(), fileAttempts(args.Outside), socketAttempts(args.Sockets)) {
		d := Door{Name: a.name, Detail: "it works"}
		if err := a.try(); err != nil {
			d.Held, d.Detail = true, err.Error()
		}
		doors = append(doors, d)
	}
	return doors, nil
}

// refusedCall makes a system call with arguments that do nothing in case it is let
// through. It returns nil unless the filter refused it.
func refusedCall(nr uintptr, args ...uintptr) func() error {
	args = append(args, 0, 0, 0)
	return func() error {
		_, _, errno := unix.RawSyscall(nr, args[0], args[1], args[2])
		if errno == unix.EPERM || errno == unix.EACCES || errno == unix.ENOSYS {
			return errno
		}
		return nil
	}
}

// makes tries to make a socket.
func makes(family, kind int) func() error {
	return func() error {
		fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

// attempts are the doors that the filter holds, but for those that m declared.
func (m Module) attempts() []attempt {
	const nowhere = ^uintptr(0) // a bad address, process or descriptor
	list := []attempt{
		{"start a program", refusedCall(unix.SYS_EXECVE, nowhere)},
		{"start a process", refusedCall(unix.SYS_CLONE, unix.CLONE_SIGHAND)}, // without CLONE_VM: EINVAL
		{"trace a process", refusedCall(unix.SYS_PTRACE, unix.PTRACE_PEEKDATA, nowhere)},
		{"signal a process", refusedCall(unix.SYS_KILL, uintptr(os.Getppid()), 0)},
		{"show its memory", refusedCall(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 1)},
		{"outlive keyrite", refusedCall(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, 0)},
		{"type into the terminal", refusedCall(unix.SYS_IOCTL, 0, unix.TIOCSTI)},
		{"new namespaces", refusedCall(unix.SYS_UNSHARE, unix.CLONE_FS)},
		{"io_uring", refusedCall(unix.SYS_IO_URING_SETUP, 0, nowhere)},
		{"the kernel's keyrings", refusedCall(unix.SYS_ADD_KEY, nowhere, nowhere)},
		{"UDP", makes(unix.AF_INET, unix.SOCK_DGRAM)},
		{"netlink", makes(unix.AF_NETLINK, unix.SOCK_RAW)},
		{"datagrams to Unix sockets", func() error {
			pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
			if err == nil {
				unix.Close(pair[0])
				unix.Close(pair[1])
			}
			return err
		}},
	}
	if len(m.Network) == 0 {
		list = append(list, attempt{"TCP", makes(unix.AF_INET, unix.SOCK_STREAM)})
	}
	if len(m.Connects) == 0 {
		list = append(list, attempt{"Unix sockets", makes(unix.AF_UNIX, unix.SOCK_STREAM)})
	}
	return list
}

// opens tries to open a file or folder.
func opens(path string, flags int) func() error {
	return func() error {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NOCTTY, 0o600)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

// fileAttempts are the doors that Landlock and the root of its own hold.
func fileAttempts(around []outside) []attempt {
	list := []attempt{
		{"the terminal", opens("/dev/tty", unix.O_RDWR)},
		{"its channel, a second time", opens("/proc/self/fd/3", unix.O_RDWR)},
		{"its answers, a second time", opens("/proc/self/fd/4", unix.O_RDWR)},
		{"memory of keyrite", opens(fmt.Sprintf("/proc/%d/mem", os.Getppid()), unix.O_RDONLY)},
	}
	for _, o := range around {
		trial := filepath.Join(o.Folder, fmt.Sprintf(".keyrite-probe-%d", os.Getpid()))
		list = append(list,
			attempt{"list " + o.Folder, opens(o.Folder, unix.O_RDONLY|unix.O_DIRECTORY)},
			attempt{"write to " + o.Folder, func() error {
				err := opens(trial, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL)()
				if err == nil {
					unix.Unlink(trial)
				}
				return err
			}},
			attempt{"see what is in " + o.Folder, func() error {
				var stat unix.Stat_t
				return unix.Lstat(o.Entry, &stat)
			}})
	}
	return list
}

// socketAttempts are sockets of services that are not declared.
func socketAttempts(sockets []string) (list []attempt) {
	for _, address := range sockets {
		name := "a Unix socket that is not declared"
		if address[0] == '@' {
			name = "an abstract Unix socket"
		}
		list = append(list, attempt{name, func() error {
			fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			return unix.Connect(fd, &unix.SockaddrUnix{Name: address})
		}})
	}
	return list
}

// foreign makes a system call of another architecture. It returns why that did not
// work, "" when it did.
func (h *helper) foreign(name string, _ []byte) (string, error) {
	if name == foreignDoors[0] {
		return foreignCall(), nil
	}
	if _, _, errno := unix.RawSyscall(x32Bit|unix.SYS_GETPID, 0, 0, 0); errno != 0 {
		return errno.Error(), nil
	}
	return "", nil
}
