// Which system calls a module may make. What is listed is allowed, what leads out
// is refused with EPERM or EACCES so that errors tell, and the rest does not exist
// (ENOSYS), which is what libraries expect of a kernel that is older than they are.

package hsm

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// plainCalls are allowed with any arguments: they act on this process alone, or on
// files, which Landlock and the root of its own decide about.
var plainCalls = []uint32{
	// The ones that are made most often come first.
	unix.SYS_FUTEX, unix.SYS_READ, unix.SYS_WRITE, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_EPOLL_PWAIT,
	// Files.
	unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREAD64, unix.SYS_PWRITE64, unix.SYS_PREADV, unix.SYS_PWRITEV, unix.SYS_PREADV2,
	unix.SYS_PWRITEV2, unix.SYS_OPENAT, unix.SYS_CLOSE, unix.SYS_CLOSE_RANGE, unix.SYS_LSEEK, unix.SYS_FSTAT, unix.SYS_STATX,
	sysNewfstatat, unix.SYS_FACCESSAT, unix.SYS_FACCESSAT2, unix.SYS_READLINKAT, unix.SYS_GETDENTS64, unix.SYS_GETCWD, unix.SYS_CHDIR,
	unix.SYS_FCHDIR, unix.SYS_MKDIRAT, unix.SYS_UNLINKAT, unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_FCHMOD, unix.SYS_FCHOWN,
	unix.SYS_FTRUNCATE, unix.SYS_FALLOCATE, unix.SYS_FADVISE64, unix.SYS_FSYNC, unix.SYS_FDATASYNC, unix.SYS_FLOCK, unix.SYS_STATFS,
	unix.SYS_FSTATFS, unix.SYS_SENDFILE, unix.SYS_COPY_FILE_RANGE, unix.SYS_UMASK, unix.SYS_IOCTL, unix.SYS_DUP,
	unix.SYS_DUP3, unix.SYS_PIPE2, unix.SYS_PPOLL, unix.SYS_PSELECT6, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL,
	unix.SYS_EPOLL_PWAIT2, unix.SYS_EVENTFD2, unix.SYS_TIMERFD_CREATE, unix.SYS_TIMERFD_SETTIME, unix.SYS_TIMERFD_GETTIME,
	// Memory.
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MREMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_MSYNC, unix.SYS_BRK,
	unix.SYS_MLOCK, unix.SYS_MLOCK2, unix.SYS_MUNLOCK, unix.SYS_MEMBARRIER,
	// Threads and signals.
	unix.SYS_EXIT, unix.SYS_EXIT_GROUP, unix.SYS_SET_TID_ADDRESS, unix.SYS_SET_ROBUST_LIST, unix.SYS_GET_ROBUST_LIST, unix.SYS_RSEQ,
	unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SCHED_GETPARAM, unix.SYS_SCHED_GETSCHEDULER, unix.SYS_RT_SIGACTION,
	unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_RT_SIGSUSPEND, unix.SYS_RT_SIGPENDING, unix.SYS_RT_SIGTIMEDWAIT,
	unix.SYS_SIGALTSTACK, unix.SYS_RESTART_SYSCALL, unix.SYS_SETITIMER, unix.SYS_GETITIMER, unix.SYS_WAIT4, unix.SYS_WAITID,
	// What the process is, and what time it is.
	unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETPPID, unix.SYS_GETUID, unix.SYS_GETEUID, unix.SYS_GETGID, unix.SYS_GETEGID,
	unix.SYS_GETRESUID, unix.SYS_GETRESGID, unix.SYS_GETGROUPS, unix.SYS_GETPGID, unix.SYS_GETSID, unix.SYS_CAPGET, unix.SYS_UNAME,
	unix.SYS_SYSINFO, unix.SYS_GETRUSAGE, unix.SYS_GETRLIMIT, unix.SYS_GETCPU, unix.SYS_GETPRIORITY, unix.SYS_GETRANDOM,
	unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES, unix.SYS_GETTIMEOFDAY, unix.SYS_TIMES,
}

// connectedCalls are for modules that talk to a service: over a socket, and some,
// such as openCryptoki, over System V memory.
var connectedCalls = []uint32{
	unix.SYS_CONNECT, unix.SYS_SHUTDOWN, unix.SYS_GETSOCKNAME, unix.SYS_GETPEERNAME, unix.SYS_GETSOCKOPT, unix.SYS_SETSOCKOPT,
	unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_SENDMSG,
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_SHMDT, unix.SYS_SEMGET, unix.SYS_SEMOP, unix.SYS_SEMCTL, unix.SYS_SEMTIMEDOP,
}

// refusedCalls say that they are forbidden. What is in no list is as good as
// refused; these are what a module, or its author, may well ask for.
var refusedCalls = []uint32{
	unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_CLONE, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV,
	unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_TGKILL, unix.SYS_PRCTL,
	unix.SYS_PRLIMIT64, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_CHROOT, unix.SYS_PIVOT_ROOT,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_IO_URING_SETUP, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY,
	unix.SYS_REQUEST_KEY, unix.SYS_MSGGET, unix.SYS_MQ_OPEN, unix.SYS_TRUNCATE, unix.SYS_FCHMODAT, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT,
	unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_MKNODAT, unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_BIND, unix.SYS_LISTEN,
	unix.SYS_SENDTO, unix.SYS_SENDMMSG,
}

// Of the calls on terminals (0x54xx), those that ask and do no more. The others
// type into the terminal (TIOCSTI, TIOCLINUX), or take it.
var terminalQuestions = []uint32{unix.TCGETS, unix.TIOCGWINSZ, unix.TIOCINQ, 0x5421 /* FIONBIO */, 0x5450 /* FIONCLEX */, 0x5451 /* FIOCLEX */}

// harmlessPrctl name this thread or a piece of memory, or ask.
var harmlessPrctl = []uint32{unix.PR_SET_NAME, unix.PR_GET_NAME, unix.PR_SET_VMA, unix.PR_GET_DUMPABLE, unix.PR_CAPBSET_READ}

// restrictCalls lets this process make the calls that a module with these needs
// makes, and no others, for good. abi is that of the Landlock rules that hold, 0 where
// none do: what they see is not looked at here again, since the kernel does not ask the
// filter about a call that is allowed whatever its arguments.
func (m Module) restrictCalls(abi int) error {
	return install(m.callRules(uint32(os.Getpid()), abi), refuse(unix.ENOSYS))
}

// callRules are the rules for a module in process pid, under Landlock rules of that
// ABI; the first that fits counts.
func (m Module) callRules(pid uint32, abi int) []rule {
	rules := slices.Concat(argumentRules(pid), m.socketRules(), oldRules)
	if abi < 3 { // Landlock before Linux 6.2 does not see that a file is emptied which may only be read
		rules = append(rules, rule{unix.SYS_OPENAT, truncates(2), refuse(unix.EPERM)})
	}
	calls := slices.Concat(plainCalls, oldCalls)
	if m.connects() {
		calls = append(calls, connectedCalls...)
	}
	for _, nr := range calls {
		rules = append(rules, rule{nr, nil, allow})
	}
	for _, nr := range refusedCalls {
		rules = append(rules, rule{nr, nil, refuse(unix.EPERM)})
	}
	return rules
}

// argumentRules are about calls that are harmless or not by their arguments.
func argumentRules(pid uint32) []rule {
	eperm := refuse(unix.EPERM)
	rules := []rule{
		// A descriptor that sends signals to whom it was told. SoftHSM locks a file with
		// fcntl at every attribute that it reads, so that this comes first.
		{unix.SYS_FCNTL, []condition{isInt(1, unix.F_SETOWN)}, eperm},
		{unix.SYS_FCNTL, []condition{isInt(1, unix.F_SETOWN_EX)}, eperm},
		{unix.SYS_FCNTL, nil, allow},
		// Threads, no processes. The flags of clone3 lie behind a pointer; C libraries
		// do without it.
		{unix.SYS_CLONE, []condition{low(0, unix.CLONE_THREAD, unix.CLONE_THREAD)}, allow},
		{unix.SYS_CLONE3, nil, refuse(unix.ENOSYS)},
		// Signals to itself.
		{unix.SYS_KILL, []condition{isInt(0, pid)}, allow},
		{unix.SYS_TGKILL, []condition{isInt(0, pid)}, allow},
		{unix.SYS_PRLIMIT64, []condition{isInt(0, 0)}, allow},
	}
	for _, question := range terminalQuestions {
		rules = append(rules, rule{unix.SYS_IOCTL, []condition{isInt(1, question)}, allow})
	}
	rules = append(rules, rule{unix.SYS_IOCTL, []condition{low(1, 0xffffff00, 0x5400)}, eperm})
	for _, option := range harmlessPrctl {
		rules = append(rules, rule{unix.SYS_PRCTL, []condition{isInt(0, option)}, allow})
	}
	return rules
}

// truncates are the conditions that argument n, the flags of an open, empties a
// file without a right to write.
func truncates(n int) []condition {
	return []condition{low(n, unix.O_TRUNC|unix.O_ACCMODE, unix.O_TRUNC|unix.O_RDONLY)}
}

// socketRules let a module make the sockets that it declared: streams alone, since
// one datagram socket reaches any other by name, and no message with an address.
func (m Module) socketRules() []rule {
	const kind = 0xf // below SOCK_NONBLOCK and SOCK_CLOEXEC
	stream := func(family uint32) rule {
		return rule{unix.SYS_SOCKET, []condition{isInt(0, family), low(1, kind, unix.SOCK_STREAM)}, allow}
	}
	var rules []rule
	if len(m.Connects) > 0 {
		rules = append(rules, stream(unix.AF_UNIX))
	}
	if len(m.Network) > 0 {
		rules = append(rules, stream(unix.AF_INET), stream(unix.AF_INET6))
	}
	if m.connects() {
		fastOpen := []condition{low(2, unix.MSG_FASTOPEN, unix.MSG_FASTOPEN)} // connects, unseen by Landlock
		rules = append(rules,
			rule{unix.SYS_SOCKETPAIR, []condition{low(1, kind, unix.SOCK_STREAM)}, allow}, // between its own threads
			rule{unix.SYS_SENDTO, null(4), allow},
			rule{unix.SYS_SENDMSG, fastOpen, refuse(unix.EPERM)})
	}
	return append(rules, rule{unix.SYS_SOCKET, nil, refuse(unix.EACCES)}, rule{unix.SYS_SOCKETPAIR, nil, refuse(unix.EACCES)})
}

// connects says whether the module talks to a service.
func (m Module) connects() bool { return len(m.Connects) > 0 || len(m.Network) > 0 }
