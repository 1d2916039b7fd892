package hsm

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What was hashed stays what it is, whatever happens to the file.
func TestSealedModuleCannotBeSwapped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "module.so")
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(path, "good code")
	pinned := Module{Path: path, SHA256: strings.Repeat("0", 64)}
	if _, err := pinned.seal(); err == nil || !strings.Contains(err.Error(), "want 0000") {
		t.Fatalf("got %v, want another hash", err)
	}
	sealed, err := Module{Path: path}.seal()
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	write(path, "evil, in place")
	write(path+".new", "evil")
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(sealed); err != nil || string(got) != "good code" {
		t.Errorf("got %q, %v", got, err)
	}
	for what, err := range map[string]error{
		"write":    reopened(sealed, os.O_WRONLY),
		"truncate": os.Truncate(sealed.Name(), 0),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	got, err := unix.FcntlInt(sealed.Fd(), unix.F_GET_SEALS, 0)
	if err != nil || got&seals != seals {
		t.Errorf("seals: got %#x, %v", got, err)
	}
}

// A file that is put in the module's place when its hash is known is not loaded.
func TestModuleIsLoadedFromWhatWasHashed(t *testing.T) {
	softhsm, err := SoftHSM()
	must(t, err)
	code, err := os.ReadFile(softhsm)
	must(t, err)
	path := filepath.Join(t.TempDir(), "module.so")
	must(t, os.WriteFile(path, code, 0o600))
	hash, err := HashModule(path)
	must(t, err)
	m, err := NewSoftHSM(t.TempDir())
	must(t, err)
	if m.SHA256 != hash {
		t.Errorf("got %s, want %s", m.SHA256, hash)
	}
	m.Path = path
	p, err := startLocked(t.Context(), m, "")
	must(t, err)
	defer p.close()
	must(t, os.WriteFile(path+".new", []byte("evil"), 0o600))
	must(t, os.Rename(path+".new", path))
	if _, err := call[none](t.Context(), p, time.Minute, "load", none{}, nil); err != nil {
		t.Error(err)
	}
	if found, err := call[wireListing](t.Context(), p, time.Minute, "tokens", none{}, nil); err != nil || len(found.Tokens) != 1 {
		t.Errorf("got %v, %v", found, err)
	}
}

// reopened opens a file through /proc and writes to it.
func reopened(file *os.File, flags int) error {
	again, err := os.OpenFile(descriptor(int(file.Fd())), flags, 0)
	if err != nil {
		return err
	}
	defer again.Close()
	_, err = again.WriteString("evil")
	return err
}

const statusText = "Name:\tkeyrite\nTracerPid:\t0\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n" +
	"CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n"

func TestCheckStatus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "status")
	for _, test := range []struct{ old, new, want string }{
		{"", "", ""},
		{"TracerPid:\t0", "TracerPid:\t7", "TracerPid is 7, want 0"},
		{"NoNewPrivs:\t1", "NoNewPrivs:\t0", "NoNewPrivs is 0, want 1"},
		{"Seccomp:\t2", "Seccomp:\t0", "Seccomp is 0, want 2"},
		{"Seccomp:\t2", "Seccomp:\t1", "Seccomp is 1, want 2"},
		{"CapEff:\t0000000000000000", "CapEff:\t0000000000200000", "CapEff is 0000000000200000"},
		{"CapPrm:\t0000000000000000", "CapPrm:\t0000000000200000", "CapPrm is"},
		{"CapAmb:\t0000000000000000", "CapAmb:\t0000000000200000", "CapAmb is"},
		{"Seccomp:\t2\n", "", "got 5, want 6"},
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(statusText, test.old, test.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		err := checkStatus(path, enforced)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q", test.new, err, test.want)
		}
	}
	if err := checkUntraced(); err != nil {
		t.Error(err)
	}
}

// Every thread is looked at.
func TestCheckEnforced(t *testing.T) {
	tasks := t.TempDir()
	for thread, text := range map[string]string{"1": statusText, "2": statusText, "3": strings.Replace(statusText, "Seccomp:\t2", "Seccomp:\t0", 1)} {
		must(t, os.Mkdir(filepath.Join(tasks, thread), 0o700))
		must(t, os.WriteFile(filepath.Join(tasks, thread, "status"), []byte(text), 0o600))
	}
	if err := checkEnforced(tasks); err == nil || !strings.Contains(err.Error(), "process 3: Seccomp is 0, want 2") {
		t.Errorf("got %v", err)
	}
	must(t, os.RemoveAll(filepath.Join(tasks, "3")))
	must(t, os.Mkdir(filepath.Join(tasks, "4"), 0o700)) // a thread that has ended since
	if err := checkEnforced(tasks); err != nil {
		t.Error(err)
	}
	if err := checkEnforced(filepath.Join(tasks, "none")); err == nil {
		t.Error("no error without threads")
	}
}

// A process that is not locked in gets no PIN: nothing is sent to it at all.
func TestPINOnlyForALockedHelper(t *testing.T) {
	p, theirs, _ := halves(t)
	p.module, p.cmd = Module{Name: "safe"}, exec.Command("sleep", "60")
	p.exited, p.stderr = make(chan struct{}), &headBuffer{}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.cmd.Wait()
	defer p.cmd.Process.Kill()
	for _, op := range []string{"login", "init", "loginso", "wrappingkey"} {
		_, err := call[none](t.Context(), p, time.Second, op, none{}, []byte("1234"))
		if !errors.Is(err, ErrModule) || !strings.Contains(err.Error(), "not locked in; nothing was sent") {
			t.Errorf("%s: got %v", op, err)
		}
	}
	p.channel.Close()
	if sent, err := io.ReadAll(theirs); len(sent) != 0 || err != nil {
		t.Errorf("got %d bytes and %v, want silence", len(sent), err)
	}
}

// The helper answers nothing before it is locked in.
func TestHelperAnswersNothingBeforeItIsLocked(t *testing.T) {
	for op := range handlers {
		if op == "lock" {
			continue
		}
		if _, _, err := (&helper{}).handle(frame{word: op, data: []byte("null")}); err == nil || !strings.Contains(err.Error(), "too early") {
			t.Errorf("%s: got %v", op, err)
		}
	}
	p, err := startLocked(context.Background(), Module{Name: "none"}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if _, err := call[none](t.Context(), p, time.Second, "load", none{}, nil); !errors.Is(err, ErrUsage) {
		t.Errorf("load without a module: got %v", err)
	}
	if _, err := call[[]Protection](t.Context(), p, time.Second, "lock", lockArgs{}, nil); !errors.Is(err, ErrUsage) {
		t.Errorf("lock twice: got %v", err)
	}
}

func TestCheckEnv(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"SOFTHSM2_CONF", "/etc/softhsm2.conf", ""},
		{"ChrystokiConfigurationPath", "/etc", ""},
		{"TPM2_PKCS11_TCTI", "tabrmd:bus_type=session", ""},
		{"TPM2_PKCS11_TCTI", "device:/dev/tpmrm0", ""},
		{"TPM2_PKCS11_TCTI", "/home/a/evil.so:x", "evil.so would load code"},
		{"LD_PRELOAD", "x", "LD_PRELOAD is refused"},
		{"LD_LIBRARY_PATH", "x", "is refused"},
		{"GLIBC_TUNABLES", "x", "is refused"},
		{"GCONV_PATH", "x", "is refused"},
		{"OPENSSL_CONF", "x", "is refused"},
		{"OPENSSL_MODULES", "x", "is refused"},
		{"GIO_EXTRA_MODULES", "x", "is refused"},
		{"OPENSC_CONF", "x", "is refused"},
		{"LIBPCSCLITE_DELEGATE", "x", "is refused"},
		{"A=B", "x", "not the name of a variable"},
		{"1A", "x", "not the name of a variable"},
		{"A", "a\x00b", "NUL"},
	} {
		err := CheckEnv(test.name, test.value)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%q: got %v, want %q", test.name, test.value, err, test.want)
		}
	}
}

func TestCheckNeeds(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/etc", link); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		module Module
		want   string
	}{
		{Module{State: []string{"/var/lib/softhsm/tokens"}, Connects: []string{"/run/pcscd/pcscd.comm"}, Network: []string{"hsm.example:1792", "[::1]:1"}}, ""},
		{Module{State: []string{"tokens"}}, `state: got "tokens", want a clean absolute path`},
		{Module{State: []string{"/var/../etc"}}, "clean"},
		{Module{Reads: []string{"/"}}, "reads: / is too much"},
		{Module{State: []string{"/proc"}}, "too much"},
		{Module{Reads: []string{link}}, "too much"},
		{Module{Connects: []string{"run/s"}}, "connects: got"},
		{Module{Network: []string{"hsm.example"}}, "network: got"},
		{Module{Network: []string{":1792"}}, "network: got"},
		{Module{Network: []string{"hsm.example:0"}}, "network: got"},
		{Module{Network: []string{"hsm.example:65536"}}, "network: got"},
		{Module{Env: map[string]string{"LD_AUDIT": "x"}}, "env: LD_AUDIT"},
	} {
		err := test.module.CheckNeeds()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %v, want %q", test.module, err, test.want)
		}
	}
}

func TestBlocksCanBeDeclared(t *testing.T) {
	blocks := Blocks()
	for i, b := range blocks {
		if i > 0 && blocks[i-1].Name >= b.Name {
			t.Errorf("%s stands behind %s", b.Name, blocks[i-1].Name)
		}
		m := Module{Path: b.Path, State: b.State, Reads: b.Reads, Connects: b.Connects, Network: b.Network, Env: b.Env}
		if err := m.CheckNeeds(); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
		if found, ok := BlockOf("/elsewhere/" + filepath.Base(b.Path)); !ok || found.Name != b.Name {
			t.Errorf("%s: found %s", b.Name, found.Name)
		}
	}
	want := "  # state: directories.tokendir of the configuration\n  softhsm:\n    path: /usr/lib/softhsm/libsofthsm2.so\n" +
		"    state: [/var/lib/softhsm/tokens]\n    env: {SOFTHSM2_CONF: \"/etc/softhsm/softhsm2.conf\"}\n"
	if b, _ := BlockOf("/usr/lib/softhsm/libsofthsm2.so"); b.YAML() != want {
		t.Errorf("got\n%swant\n%s", b.YAML(), want)
	}
}

// Where Landlock does not see that a file is emptied, or holds nothing, the filter does.
func TestTruncationIsRefusedByOne(t *testing.T) {
	for abi := range 8 {
		rules := Module{}.callRules(1, abi)
		first := rules[slices.IndexFunc(rules, func(r rule) bool { return r.nr == unix.SYS_OPENAT })]
		if got, want := len(first.when) > 0 && first.answer == refuse(unix.EPERM), abi < 3; got != want {
			t.Errorf("ABI %d: the filter refuses it: %v, want %v", abi, got, want)
		}
	}
}
