/* A PKCS#11 module for tests that tries to get out. It shows one token for each
 * door of the list in DOORS (names with commas between); asked for C_GetTokenInfo,
 * it tries the door, and the token's label is what it met: an errno such as
 * "EPERM", or "open".
 *
 *   OUTSIDE  a folder that is not declared, with the file "secret" in it
 *   STATE    a declared folder          CONF   a file that it may read
 *   SOCKET   a declared Unix socket     OTHER  one that is not
 *   ABSTRACT the name of an abstract socket
 *   PORT     a declared TCP port on 127.0.0.1; the next one is not declared
 *   KEYRITE  the process id of keyrite
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

typedef unsigned long word;

static const char *env(const char *name) { return getenv(name) ? getenv(name) : ""; }

/* in returns dir/name. */
static const char *in(const char *dir, const char *name) {
	static char path[2][4096];
	static int turn;
	char *p = path[turn = !turn];
	snprintf(p, sizeof path[0], "%s/%s", dir, name);
	return p;
}

static const char *proc(const char *name) {
	static char path[64];
	snprintf(path, sizeof path, "/proc/%s/%s", env("KEYRITE"), name);
	return path;
}

/* A door returns what its system call did: not negative when it is open. */
static pid_t keyrite(void) { return atoi(env("KEYRITE")); }
static long opened(const char *path, int flags) { return open(path, flags | O_CLOEXEC, 0666); }

/* forked ends the child of a fork that worked. */
static long forked(long pid) {
	if (pid == 0)
		_exit(0);
	return pid;
}

/* Programs and processes. */
static long door_exec(void) { return execl("/bin/true", "true", NULL); }
static long door_execveat(void) {
	char *argv[] = {"true", NULL};
	return syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, environ, 0);
}
static long door_fork(void) { return forked(fork()); }
static long door_rawclone(void) { return forked(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
static long door_clone3(void) {
	word args[11] = {0, 0, 0, 0, SIGCHLD};
	return forked(syscall(SYS_clone3, args, sizeof args));
}
static void *nothing(void *none) { return none; }
static long door_thread(void) { /* allowed */
	pthread_t t;
	errno = pthread_create(&t, NULL, nothing, NULL);
	return errno ? -1 : pthread_join(t, NULL);
}
static long door_unshare(void) { return unshare(CLONE_NEWUSER); }
static long door_setns(void) { return setns(-1, 0); }
static long door_chroot(void) { return chroot("/"); }
static long door_mount(void) { return syscall(SYS_mount, "none", "/", "tmpfs", 0, 0); }
static long door_capabilities(void) { /* as root: writes to any file's owner */
	word header[1] = {0x20080522}, data[3];
	if (syscall(SYS_capget, header, data) != 0)
		return -1;
	errno = ENOENT; /* "none" */
	return data[0] || data[1] || data[2] ? 0 : -1;
}

/* Other processes. */
static long door_ptrace(void) { return ptrace(PTRACE_SEIZE, keyrite(), 0, 0); }
static long door_vmread(void) {
	char c;
	struct iovec to = {&c, 1}, from = {(void *)&door_exec, 1};
	return process_vm_readv(keyrite(), &to, 1, &from, 1, 0);
}
static long door_pidfd(void) { return syscall(SYS_pidfd_open, keyrite(), 0); }
static long door_kill(void) { return kill(keyrite(), 0); }
static long door_tgkill(void) { return syscall(SYS_tgkill, keyrite(), keyrite(), 0); }
static pid_t absent = 0x3ffffe; /* nobody's: only a filter says EPERM */
static long door_killabsent(void) { return kill(absent, 0); }
static long door_tgkillabsent(void) { return syscall(SYS_tgkill, absent, absent, 0); }
static long door_ptraceabsent(void) { return ptrace(PTRACE_SEIZE, absent, 0, 0); }
static long door_pidfdabsent(void) { return syscall(SYS_pidfd_open, absent, 0); }
static long door_tkill(void) { return syscall(SYS_tkill, keyrite(), 0); }
static long door_setown(void) { return fcntl(2, F_SETOWN, keyrite()); }
static long door_setownex(void) {
	int owner[2] = {1, keyrite()};
	return fcntl(2, F_SETOWN_EX, owner);
}
static long door_prlimit(void) { return syscall(SYS_prlimit64, keyrite(), RLIMIT_CORE, 0, 0); }
static long door_dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
static long door_orphan(void) { return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); }
static long door_core(void) {
	struct rlimit r = {1, 1};
	return setrlimit(RLIMIT_CORE, &r);
}
static long door_procstatus(void) { return opened(proc("status"), O_RDONLY); }
static long door_procenviron(void) { return opened(proc("environ"), O_RDONLY); }
static long door_procmem(void) { return opened(proc("mem"), O_RDONLY); }
static long door_procself(void) { return opened("/proc/self/environ", O_RDONLY); }
static long door_proclist(void) { return opened("/proc", O_RDONLY | O_DIRECTORY); }
static long door_channel(void) { return opened("/proc/self/fd/3", O_RDWR); }
static long door_answers(void) { return opened("/proc/self/fd/4", O_RDWR); }
static long door_keyring(void) { return syscall(SYS_add_key, "user", "pin", "1", 1L, -4L); }
static long door_sysvmemory(void) { return shmget(IPC_PRIVATE, 4096, 0600); }
static long door_sysvqueue(void) { return syscall(SYS_msgget, IPC_PRIVATE, 0600); }
static long door_uring(void) {
	struct io_uring_params p = {0};
	return syscall(SYS_io_uring_setup, 1, &p);
}
static long door_bpf(void) { return syscall(SYS_bpf, 0, 0, 0); }
static long door_userfault(void) { return syscall(SYS_userfaultfd, O_CLOEXEC); }

/* The terminal. */
static long door_tty(void) { return opened("/dev/tty", O_RDWR); }
static long door_session(void) {
	errno = ENOTTY;
	return getsid(0) == getpid() ? -1 : 0;
}
static long door_sti(void) { return ioctl(0, TIOCSTI, "x"); }
static long door_stihigh(void) { return syscall(SYS_ioctl, 0, TIOCSTI | 1L << 32, "x"); }
static long door_linux(void) { return ioctl(0, 0x541c /* TIOCLINUX */, "\x03"); }
static long door_ctty(void) { return ioctl(0, TIOCSCTTY, 1); }

/* Files. */
static long door_readoutside(void) { return opened(in(env("OUTSIDE"), "secret"), O_RDONLY); }
static long door_statoutside(void) {
	struct stat s;
	return stat(in(env("OUTSIDE"), "secret"), &s);
}
static long door_oldroot(void) { /* which pivot_root leaves over the new one */
	struct stat s;
	return chdir("/") != 0 || chdir("..") != 0 ? -1 : stat(in(env("OUTSIDE"), "secret") + 1, &s);
}
static long door_writeoutside(void) { return opened(in(env("OUTSIDE"), "new"), O_WRONLY | O_CREAT); }
static long door_mkdiroutside(void) { return mkdir(in(env("OUTSIDE"), "folder"), 0700); }
static long door_writeroot(void) { return opened("/new", O_WRONLY | O_CREAT); }
static long door_writeusr(void) { return opened("/usr/lib/new.so", O_WRONLY | O_CREAT); }
static long door_readstate(void) { return opened(in(env("STATE"), "."), O_RDONLY); }		/* allowed */
static long door_writestate(void) { return opened(in(env("STATE"), "new"), O_RDWR | O_CREAT); } /* allowed */
static long door_renamestate(void) {								/* allowed */
	return opened(in(env("STATE"), "a"), O_WRONLY | O_CREAT) < 0 ? -1 : rename(in(env("STATE"), "a"), in(env("STATE"), "b"));
}
static long door_renameout(void) {
	return opened(in(env("STATE"), "a"), O_WRONLY | O_CREAT) < 0 ? -1 : rename(in(env("STATE"), "a"), in(env("OUTSIDE"), "a"));
}
static long door_link(void) { return link(env("CONF"), in(env("STATE"), "link")); }
static long door_symlink(void) { return symlink("/etc/passwd", in(env("STATE"), "symlink")); }
static long door_fifo(void) { return mkfifo(in(env("STATE"), "fifo"), 0600); }
static long door_readconf(void) { return opened(env("CONF"), O_RDONLY); } /* allowed */
static long door_writeconf(void) { return opened(env("CONF"), O_WRONLY); }
static long door_truncconf(void) { return syscall(SYS_openat, AT_FDCWD, env("CONF"), O_RDONLY | O_TRUNC); }
#ifdef SYS_open
static long door_trunconf(void) { return syscall(SYS_open, env("CONF"), O_RDONLY | O_TRUNC); }
#endif
static long door_truncate(void) { return truncate(env("CONF"), 0); }
static long door_chmod(void) { return chmod(env("CONF"), 0666); }
static long door_fchmod(void) { return fchmod(opened(env("CONF"), O_RDONLY), 0666); }
static long door_chown(void) { return chown(env("CONF"), getuid(), getgid()); }
static long door_utime(void) { return utimensat(AT_FDCWD, env("CONF"), NULL, 0); }
static long door_loadstate(void) { /* code that it wrote itself, as a file */
	int fd = opened(in(env("STATE"), "code"), O_RDWR | O_CREAT);
	if (fd < 0 || write(fd, "code", 4) != 4)
		return -1;
	return mmap(NULL, 4, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0;
}
static long door_bigfile(void) {
	signal(SIGXFSZ, SIG_IGN);
	return ftruncate(opened(in(env("STATE"), "big"), O_RDWR | O_CREAT), 1 << 30);
}
static long door_environment(void) {
	errno = ENOENT;
	return getenv("SECRET_OF_KEYRITE") ? 0 : -1;
}
static long door_descriptor(void) { /* an open file of keyrite */
	struct stat want, got;
	if (stat(env("CONF"), &want) != 0)
		return -1;
	for (int fd = 0; fd < 1024; fd++)
		if (fstat(fd, &got) == 0 && got.st_ino == want.st_ino && got.st_dev == want.st_dev)
			return fd;
	errno = EBADF;
	return -1;
}

/* Sockets. */
static long made(int family, int kind) {
	int fd = socket(family, kind | SOCK_CLOEXEC, 0);
	return fd < 0 ? -1 : close(fd);
}
static long door_tcp(void) { return made(AF_INET, SOCK_STREAM); }
static long door_tcp6(void) { return made(AF_INET6, SOCK_STREAM); }
static long door_udp(void) { return made(AF_INET, SOCK_DGRAM); }
static long door_udp6(void) { return made(AF_INET6, SOCK_DGRAM); }
static long door_raw(void) { return made(AF_INET, SOCK_RAW); }
static long door_udphigh(void) { return syscall(SYS_socket, AF_INET | 1L << 32, SOCK_DGRAM | 1L << 32, 0); }
static long door_netlink(void) { return made(AF_NETLINK, SOCK_RAW); }
static long door_packet(void) { return made(AF_PACKET, SOCK_DGRAM); }
static long door_vsock(void) { return made(AF_VSOCK, SOCK_STREAM); }
static long door_unix(void) { return made(AF_UNIX, SOCK_STREAM); }
static long door_unixdgram(void) { return made(AF_UNIX, SOCK_DGRAM); }
static long pair(int kind) {
	int fds[2];
	return socketpair(AF_UNIX, kind, 0, fds);
}
static long door_pair(void) { return pair(SOCK_STREAM); }
static long door_pairdgram(void) { return pair(SOCK_DGRAM); }

static long connected(const char *path, int abstract) {
	struct sockaddr_un to = {AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	strncpy(to.sun_path + abstract, path, sizeof to.sun_path - 2);
	return connect(fd, (void *)&to, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(path));
}
static long door_connect(void) { return connected(env("SOCKET"), 0); } /* allowed */
static long door_connectother(void) { return connected(env("OTHER"), 0); }
static long door_connectabstract(void) { return connected(env("ABSTRACT"), 1); }
static long door_bind(void) {
	struct sockaddr_un at = {AF_UNIX};
	snprintf(at.sun_path, sizeof at.sun_path, "%s", in(env("STATE"), "s"));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return fd < 0 ? -1 : bind(fd, (void *)&at, sizeof at);
}
static struct sockaddr_in port(int next) {
	struct sockaddr_in to = {AF_INET, htons(atoi(env("PORT")) + next), {htonl(INADDR_LOOPBACK)}};
	return to;
}
static long door_port(void) { /* allowed */
	struct sockaddr_in to = port(0);
	return connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to, sizeof to);
}
static long door_otherport(void) {
	struct sockaddr_in to = port(1);
	return connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to, sizeof to);
}
static long door_sendto(void) {
	struct sockaddr_in to = port(1);
	return sendto(socket(AF_INET, SOCK_STREAM, 0), "x", 1, MSG_FASTOPEN, (void *)&to, sizeof to);
}
static long door_fastopen(void) {
	struct sockaddr_in to = port(1);
	struct iovec data = {"x", 1};
	struct msghdr m = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &data, .msg_iovlen = 1};
	return sendmsg(socket(AF_INET, SOCK_STREAM, 0), &m, MSG_FASTOPEN);
}

/* Other architectures: these kill. */
#ifdef __x86_64__
static long door_int80(void) {
	long pid = 20; /* getpid of i386 */
	__asm__ volatile("int $0x80" : "+a"(pid) : : "memory", "r8", "r9", "r10", "r11");
	return pid > 0 ? pid : -1;
}
static long door_x32(void) { return syscall(0x40000000 | SYS_getpid); }
#endif

#define DOORS(X) \
	X(exec) X(execveat) X(fork) X(rawclone) X(clone3) X(thread) X(unshare) X(setns) X(chroot) X(mount) X(capabilities) \
	X(ptrace) X(vmread) X(pidfd) X(kill) X(killabsent) X(tgkill) X(tgkillabsent) X(ptraceabsent) X(pidfdabsent) X(tkill) X(setown) X(setownex) X(prlimit) X(dumpable) X(orphan) X(core) \
	X(procstatus) X(procenviron) X(procmem) X(procself) X(proclist) X(channel) X(answers) X(keyring) X(sysvmemory) X(sysvqueue) \
	X(uring) X(bpf) X(userfault) X(tty) X(session) X(sti) X(stihigh) X(linux) X(ctty) X(readoutside) X(statoutside) X(oldroot) \
	X(writeoutside) X(mkdiroutside) X(writeroot) X(writeusr) X(readstate) X(writestate) X(renamestate) X(renameout) \
	X(link) X(symlink) X(fifo) X(readconf) X(writeconf) X(truncconf) X(truncate) X(chmod) X(fchmod) X(chown) X(utime) \
	X(loadstate) X(bigfile) X(environment) X(descriptor) X(tcp) X(tcp6) X(udp) X(udp6) X(raw) X(udphigh) X(netlink) \
	X(packet) X(vsock) X(unix) X(unixdgram) X(pair) X(pairdgram) X(connect) X(connectother) X(connectabstract) X(bind) \
	X(port) X(otherport) X(sendto) X(fastopen)

/* try tries the door of this name and returns its result, with errno. */
static long try(const char *name) {
#define X(door) if (strcmp(name, #door) == 0) return door_##door();
	DOORS(X)
#ifdef SYS_open
	X(trunconf)
#endif
#ifdef __x86_64__
	X(int80) X(x32)
#endif
#undef X
	errno = ENODATA; /* a misspelt door */
	return -1;
}

/* CK_TOKEN_INFO begins with label[32], manufacturer[32], model[16], serial[16]. */
static word token_info(word slot, char *info) {
	char names[4096], *rest = names, *name;
	snprintf(names, sizeof names, "%s", env("DOORS"));
	do
		name = strsep(&rest, ",");
	while (slot-- > 0);
	memset(info, ' ', 96);
	memset(info + 96, 0, sizeof(word) * 14);
	long result = try(name);
	const char *met = result >= 0 ? "open" : strerrorname_np(errno);
	memcpy(info, met, strlen(met));
	memcpy(info + 80, name, strlen(name) < 16 ? strlen(name) : 16);
	return 0;
}

static word slots(word present, word *list, word *count) {
	word n = 1;
	for (const char *c = env("DOORS"); *c; c++)
		n += *c == ',';
	for (word i = 0; list != NULL && i < n; i++)
		list[i] = i;
	*count = n;
	return 0;
}

static word ok(void) { return 0; }
static word no(void) { return 0x54; /* CKR_FUNCTION_NOT_SUPPORTED */ }

static struct {
	word version;
	void *call[68];
} list = {0x2802};

word C_GetFunctionList(void **out) {
	for (int i = 0; i < 68; i++)
		list.call[i] = no;
	list.call[0] = list.call[1] = list.call[2] = ok; /* C_Initialize, C_Finalize, C_GetInfo */
	list.call[4] = slots;
	list.call[6] = token_info;
	*out = &list;
	return 0;
}
