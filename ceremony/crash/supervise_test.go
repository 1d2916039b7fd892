package crash

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// supervisor runs a ceremony in a process of its own and is asked by the kernel before
// each system call of it, and of its helpers, that changes files (seccomp_unotify(2)):
// so nothing in keyrite has to know that it may be killed. Those that count are
// changes below a folder by the process itself, and the lines that the module writes
// to its log before each call of PKCS#11.
type supervisor struct {
	dir, log string
	kill     int // at which event: the call is not made any more; 0 never
}

// what happened in a supervised run.
type course struct {
	events []string
	killed bool
	err    error // of the process, where it was not killed
}

// notified are the system calls that are asked about.
var notified = []uint32{unix.SYS_WRITE, unix.SYS_PWRITE64, unix.SYS_OPENAT, unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_LINKAT, unix.SYS_UNLINKAT, unix.SYS_MKDIRAT, unix.SYS_FTRUNCATE}

var callNames = map[int32]string{unix.SYS_WRITE: "write", unix.SYS_PWRITE64: "write", unix.SYS_OPENAT: "create", unix.SYS_RENAMEAT: "rename", unix.SYS_RENAMEAT2: "rename", unix.SYS_LINKAT: "link", unix.SYS_UNLINKAT: "unlink", unix.SYS_MKDIRAT: "mkdir", unix.SYS_FTRUNCATE: "truncate"}

// listen asks the kernel to notify whoever holds the descriptor that it returns of
// what this thread does from now on. It is called by a process that then executes
// itself, so that every thread is one that came of this.
func listen() (int, error) {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	jump := func(code uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | code | unix.BPF_K, K: k, Jt: yes, Jf: no}
	}
	answer := func(k uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k}
	}
	const nr, flags = 0, 16 + 2*8 // of struct seccomp_data; the low half of the third argument
	filter := []unix.SockFilter{load(nr)}
	for _, call := range notified {
		if call == unix.SYS_OPENAT {
			filter = append(filter, jump(unix.BPF_JEQ, call, 0, 4), load(flags), jump(unix.BPF_JSET, unix.O_CREAT, 0, 1),
				answer(unix.SECCOMP_RET_USER_NOTIF), answer(unix.SECCOMP_RET_ALLOW))
			continue
		}
		filter = append(filter, jump(unix.BPF_JEQ, call, 0, 1), answer(unix.SECCOMP_RET_USER_NOTIF))
	}
	filter = append(filter, answer(unix.SECCOMP_RET_ALLOW))
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// supervised is the first life of the process: it gives the listener away on
// descriptor 3 and becomes itself again, under the filter.
func supervised() error {
	runtime.LockOSThread() // the filter is that of a thread, and execve(2) keeps the caller's
	fd, err := listen()
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	if err := unix.Sendmsg(3, []byte{0}, unix.UnixRights(fd), nil, 0); err != nil {
		return err
	}
	unix.Close(fd)
	unix.CloseOnExec(3)
	os.Setenv(asked, "run")
	return syscall.Exec("/proc/self/exe", os.Args, os.Environ())
}

// asked says to a process of this test what it is to be.
const asked = "KEYRITE_CRASH_TEST"

// run runs a process of this test and answers the kernel until it has ended.
func (s supervisor) run(t testing.TB, env ...string) course {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "theirs")
	defer unix.Close(pair[0])
	cmd := exec.Command("/proc/self/exe", "-test.run=^$")
	cmd.Env = append(append(os.Environ(), asked+"=supervised"), env...)
	cmd.ExtraFiles = []*os.File{theirs}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	listener, err := receive(pair[0])
	if err != nil {
		t.Fatalf("%v; %v: %s", err, cmd.Wait(), said.String())
	}
	defer unix.Close(listener)
	c := s.serve(t, listener, cmd.Process.Pid)
	if err := cmd.Wait(); err != nil && !c.killed {
		c.err = fmt.Errorf("%w: %s", err, said.String())
	}
	return c
}

// receive takes the listener.
func receive(socket int) (int, error) {
	space := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(socket, make([]byte, 1), space, 0)
	if err != nil {
		return -1, err
	}
	messages, err := unix.ParseSocketControlMessage(space[:n])
	if err != nil || len(messages) != 1 {
		return -1, fmt.Errorf("no listener came: %v", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return -1, err
	}
	return fds[0], nil
}

// notification is struct seccomp_notif, and reply struct seccomp_notif_resp.
type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

type reply struct {
	id    uint64
	value int64
	error int32
	flags uint32
}

const (
	ioctlReceive = 0xc0502100
	ioctlSend    = 0xc0182101
	goOn         = 1 // SECCOMP_USER_NOTIF_FLAG_CONTINUE
)

// serve answers until no process is left that could ask: the helpers of one that was
// killed are gone then, too.
func (s supervisor) serve(t testing.TB, listener, pid int) (c course) {
	for {
		poll := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(poll, -1); err != nil && !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
		if poll[0].Revents&unix.POLLIN == 0 {
			if poll[0].Revents&unix.POLLHUP != 0 {
				return c
			}
			continue
		}
		var n notification
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), ioctlReceive, uintptr(unsafe.Pointer(&n))); errno != 0 {
			continue // it was killed meanwhile
		}
		if event := s.event(n); event != "" && !c.killed {
			c.events = append(c.events, event)
			if len(c.events) == s.kill {
				c.killed = true
				if err := unix.Kill(pid, unix.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
		}
		if c.killed {
			continue // whoever asks waits for its end
		}
		r := reply{id: n.id, flags: goOn}
		unix.Syscall(unix.SYS_IOCTL, uintptr(listener), ioctlSend, uintptr(unsafe.Pointer(&r)))
	}
}

// event names what a process is about to do, "" where that does not count.
func (s supervisor) event(n notification) string {
	at := fmt.Sprintf("/proc/%d/fd/%d", n.pid, int32(n.args[0]))
	where, err := os.Readlink(at)
	switch {
	case err != nil:
		return "" // by a path: helpers do that, and keyrite never
	case sameFile(at, s.log): // under whichever name a helper has it, whose root is another
		return "PKCS#11"
	case where != s.dir && !strings.HasPrefix(where, s.dir+"/") || strings.HasPrefix(where, s.dir+"/hsm"):
		return ""
	}
	return callNames[n.nr] + " " + strings.TrimPrefix(strings.TrimPrefix(where, s.dir), "/")
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
