package hsm_test

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"golang.org/x/sys/unix"
)

// hostileModule compiles testdata/hostile.c; a test that runs as another user is
// given the path.
func hostileModule(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("KEYRITE_TEST_HOSTILE"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "hostile.so")
	out, err := exec.Command("cc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", path, "testdata/hostile.c", "-lpthread").CombinedOutput()
	if err != nil {
		t.Fatalf("cc: %v: %s", err, out)
	}
	return path
}

// scene is a machine with things that a module must not reach, and some it may.
type scene struct {
	module                 hsm.Module
	outside, conf, secret  string
	declared, other, named net.Listener // Unix sockets; the last is abstract
	tcp                    net.Listener
}

func newScene(t *testing.T) *scene {
	t.Helper()
	dir := t.TempDir()
	s := &scene{outside: filepath.Join(dir, "outside"), conf: filepath.Join(dir, "conf"), secret: filepath.Join(dir, "outside", "secret")}
	state := filepath.Join(dir, "state")
	for _, err := range []error{os.Mkdir(s.outside, 0o700), os.Mkdir(state, 0o700), os.WriteFile(s.conf, []byte("configuration"), 0o600),
		os.WriteFile(s.secret, []byte("secret"), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.declared, s.other = listen(t, "unix", filepath.Join(dir, "declared")), listen(t, "unix", filepath.Join(dir, "other"))
	s.named, s.tcp = listen(t, "unix", "@keyrite-test-"+filepath.Base(filepath.Dir(dir))), listen(t, "tcp4", "127.0.0.1:0")
	s.module = hsm.Module{Name: "hostile", Path: hostileModule(t), State: []string{state}, Env: map[string]string{
		"OUTSIDE": s.outside, "STATE": state, "CONF": s.conf, "SOCKET": s.declared.Addr().String(), "OTHER": s.other.Addr().String(),
		"ABSTRACT": s.named.Addr().String()[1:], "KEYRITE": fmt.Sprint(os.Getpid()),
		"PORT": fmt.Sprint(s.tcp.Addr().(*net.TCPAddr).Port),
	}}
	return s
}

func listen(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// try lets the module try doors, and compares what it met with what is wanted.
func try(t *testing.T, m hsm.Module, want map[string]string) {
	t.Helper()
	env := maps.Clone(m.Env)
	env["DOORS"] = strings.Join(slices.Sorted(maps.Keys(want)), ",")
	m.Env = env
	report(t, "doors", slices.Collect(maps.Keys(want))...)
	tokens, err := hsm.Tokens(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]string{} // errno or "open", by door
	for _, token := range tokens.Tokens {
		met[token.Serial] = token.Label
	}
	for door, want := range want {
		if !slices.Contains(strings.Split(want, "|"), met[door]) {
			t.Errorf("%s: met %s, want %s", door, met[door], want)
		}
	}
}

// everyModule is what a module that declares a folder and a file meets, in a root
// of its own.
var everyModule = map[string]string{
	"exec": "EPERM", "execveat": "EPERM", "fork": "EPERM", "rawclone": "EPERM", "clone3": "ENOSYS", "thread": "open",
	"unshare": "EPERM", "setns": "EPERM", "chroot": "EPERM", "mount": "EPERM", "capabilities": "ENOENT",

	"ptrace": "EPERM", "vmread": "EPERM", "pidfd": "EPERM", "kill": "EPERM", "killabsent": "EPERM", "tgkill": "EPERM", "tgkillabsent": "EPERM",
	"ptraceabsent": "EPERM", "pidfdabsent": "EPERM", "tkill": "EPERM",
	"setown": "EPERM", "setownex": "EPERM", "prlimit": "EPERM", "dumpable": "EPERM", "orphan": "EPERM", "core": "EPERM",
	"procstatus": "ENOENT", "procenviron": "ENOENT", "procmem": "ENOENT", "procself": "EACCES", "proclist": "EACCES",
	"channel": "EACCES|ENXIO", "answers": "EACCES|ENXIO", "keyring": "EPERM", "sysvmemory": "ENOSYS", "sysvqueue": "EPERM", "uring": "EPERM", "bpf": "EPERM", "userfault": "EPERM",

	"tty": "ENOENT", "session": "ENOTTY", "sti": "EPERM", "stihigh": "EPERM", "linux": "EPERM", "ctty": "EPERM",

	"readoutside": "ENOENT", "statoutside": "ENOENT", "oldroot": "ENOENT", "writeoutside": "ENOENT", "mkdiroutside": "ENOENT", "renameout": "ENOENT",
	"writeroot": "EROFS", "writeusr": "EROFS", "readstate": "open", "writestate": "open", "renamestate": "open",
	"link": "EPERM|ENOSYS", "symlink": "EPERM|ENOSYS", "fifo": "EPERM|ENOSYS", "readconf": "open", "writeconf": "EROFS",
	"truncconf": "EPERM|EROFS|EACCES", "trunconf": "EPERM", "truncate": "EPERM", "chmod": "EPERM|ENOSYS", "fchmod": "EROFS", "chown": "EPERM|ENOSYS",
	"utime": "EPERM", "loadstate": "EPERM", "bigfile": "EFBIG", "environment": "ENOENT", "descriptor": "EBADF",

	"tcp": "EACCES", "tcp6": "EACCES", "udp": "EACCES", "udp6": "EACCES", "raw": "EACCES", "udphigh": "EACCES", "netlink": "EACCES",
	"packet": "EACCES", "vsock": "EACCES", "unix": "EACCES", "unixdgram": "EACCES", "pair": "EACCES", "pairdgram": "EACCES",
}

// withoutRoot is what differs where the helper has no namespaces: Landlock alone
// holds the files.
var withoutRoot = map[string]string{
	"procstatus": "EACCES", "procenviron": "EACCES", "procmem": "EACCES", "tty": "EACCES", "readoutside": "EACCES",
	"statoutside":  "open", // Landlock does not see it
	"oldroot":      "open",
	"writeoutside": "EACCES", "mkdiroutside": "EACCES", "renameout": "EACCES|EXDEV", "writeroot": "EACCES", "writeusr": "EACCES", "writeconf": "EACCES",
	"fchmod":    "open", // of a file of this user that the module was given to read
	"loadstate": "open", // its own memory it may write and execute in any case
}

// connectsWithRoot is what a module meets that connects to a service.
var connectsWithRoot = map[string]string{"connect": "open", "connectother": "ENOENT", "connectabstract": "ECONNREFUSED|EPERM"}

// connectsWithoutRoot is what a module meets that connects to a service and has no
// root of its own: Landlock sees sockets with a path since ABI 9. It may have a network of
// its own all the same.
var connectsWithoutRoot = map[string]string{
	"connect": "open", "connectother": since(9, "EACCES", "open"), "connectabstract": since(6, "EPERM|ECONNREFUSED", "open|ECONNREFUSED"),
}

// since returns what a door meets that Landlock holds since this ABI.
func since(abi uintptr, held, open string) string {
	has, _, _ := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if has >= abi {
		return held
	}
	return open
}

// with returns want with the differences of another setting.
func with(want, differences map[string]string) map[string]string {
	all := maps.Clone(want)
	maps.Copy(all, differences)
	return all
}

// namespacesAllowed says whether a helper can have its namespaces here, which in
// many containers it cannot; with users, where it needs one of users for them.
func namespacesAllowed(users bool) bool {
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	if users {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	}
	return cmd.Run() == nil && rootIsMounted()
}

// rootIsMounted says whether something is mounted at /, which in a chroot it is not:
// nobody can move away from there.
func rootIsMounted() bool {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	return err == nil && slices.ContainsFunc(strings.Split(string(mounts), "\n"), func(line string) bool {
		fields := strings.Fields(line)
		return len(fields) > 4 && fields[4] == "/"
	})
}

// ownRoot says whether a helper has a root of its own here. One that talks to D-Bus
// has none in a user namespace.
func ownRoot(dbus bool) bool { return namespacesAllowed(false) || !dbus && namespacesAllowed(true) }

func TestDoors(t *testing.T) {
	t.Setenv("SECRET_OF_KEYRITE", "1234")
	s := newScene(t)
	leaked, err := syscall.Open(s.conf, syscall.O_RDONLY, 0) // a descriptor that a child would inherit
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(leaked)
	want, connected := everyModule, connectsWithRoot
	if runtime.GOARCH != "amd64" {
		want = with(want, nil)
		delete(want, "trunconf")
	}
	if !ownRoot(false) {
		want, connected = with(want, withoutRoot), connectsWithoutRoot
	}
	t.Run("plain", func(t *testing.T) { try(t, s.module, want) })
	if !ownRoot(true) {
		bare := s.module
		bare.Env = with(bare.Env, map[string]string{"DBUS_SESSION_BUS_ADDRESS": "none"})
		t.Run("without namespaces", func(t *testing.T) { try(t, bare, with(want, withoutRoot)) })
		bare.Connects = []string{s.declared.Addr().String()}
		t.Run("connects without namespaces", func(t *testing.T) { try(t, bare, connectsWithoutRoot) })
	}
	connects := s.module
	connects.Connects = []string{s.declared.Addr().String()}
	t.Run("connects", func(t *testing.T) {
		try(t, connects, with(connected, map[string]string{"unix": "open", "unixdgram": "EACCES", "pair": "open", "pairdgram": "EACCES",
			"bind": "EPERM", "tcp": "EACCES", "udp": "EACCES", "sysvmemory": "open"}))
	})
	network := s.module
	network.Network = []string{"127.0.0.1:" + s.module.Env["PORT"]}
	t.Run("network", func(t *testing.T) {
		try(t, network, map[string]string{
			"port": "open", "otherport": since(4, "EACCES", "ECONNREFUSED"), "sendto": "EPERM", "fastopen": "EPERM", "tcp": "open", "udp": "EACCES", "udphigh": "EACCES",
			"raw": "EACCES", "unix": "EACCES", "pair": "open", "pairdgram": "EACCES",
		})
	})
	if info, err := os.Stat(filepath.Join(s.module.State[0], "new")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("what the module wrote: got %v and %v, want mode 0600", info, err)
	}
	if data, err := os.ReadFile(s.conf); err != nil || string(data) != "configuration" {
		t.Errorf("%s: got %q, %v", s.conf, data, err)
	}
}

// A call of another architecture passes by a filter that looks at numbers alone.
func TestForeignSystemCallsKill(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("amd64 has three architectures, others one or two")
	}
	s := newScene(t)
	for _, door := range []string{"int80", "x32"} {
		s.module.Env["DOORS"] = door
		report(t, "doors", door)
		_, err := hsm.Tokens(t.Context(), s.module)
		wantError(t, err, hsm.ErrCrashed, "the module made a forbidden system call and was stopped")
	}
}

// TestAsAnotherUser runs the tests of the doors as a user without privileges, whose
// helpers need a user namespace for what root's get without.
func TestAsAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root: the tests run as a user already")
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("", "keyrite-nobody") // t.TempDir lies below a folder of root
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	proxy, err := buildProxy()
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "TMPDIR="+dir, "HOME="+dir, "XDG_RUNTIME_DIR=", "KEYRITE_REPORTS=")
	for name, module := range map[string]string{"HOSTILE": hostileModule(t), "FAULTPROXY": proxy} {
		path := filepath.Join(dir, name)
		code, err := os.ReadFile(module)
		if err := errors.Join(err, os.WriteFile(path, code, 0o600), os.Chown(path, nobody, nobody)); err != nil {
			t.Fatal(err)
		}
		env = append(env, "KEYRITE_TEST_"+name+"="+path)
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	user := exec.Command("/proc/self/exe", "-test.v", "-test.run=^Test(Doors|ForeignSystemCallsKill|Helper.*|Reexec|RuntimeDir|Undeclared.*)$")
	user.Env, user.Dir = env, dir
	user.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := user.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestDoors/without_namespaces") {
		t.Errorf("%v\n%s", err, out)
	}
}
