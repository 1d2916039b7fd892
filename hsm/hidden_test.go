package hsm_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
	"golang.org/x/sys/unix"
)

// A helper runs from a program that nobody may read, so that nobody may read its
// memory or take its descriptors, from its first moment on. Root may.
func TestHelperIsHidden(t *testing.T) {
	hsmtest.Open(t, "officer-1")
	pid := child(t, os.Getpid())
	proc := fmt.Sprintf("/proc/%d/", pid)
	if os.Geteuid() == 0 {
		name, err := os.Readlink(proc + "exe")
		info, statErr := os.Stat(proc + "exe")
		if err != nil || statErr != nil || name != "/memfd:keyrite (deleted)" || info.Mode().Perm() != 0o111 {
			t.Errorf("got %q, %v, %v, want an unreadable file in memory", name, info, errors.Join(err, statErr))
		}
		for _, namespace := range []string{"net", "mnt"} {
			theirs, err := os.Readlink(proc + "ns/" + namespace)
			ours, ourErr := os.Readlink("/proc/self/ns/" + namespace)
			if err := errors.Join(err, ourErr); err != nil || theirs == ours && namespacesAllowed(false) {
				t.Errorf("%s namespace: got %s, %v, want one of its own", namespace, theirs, err)
			}
		}
		return
	}
	for _, name := range []string{"mem", "environ", "maps", "fd", "exe", "root"} {
		if file, err := os.Open(proc + name); err == nil {
			file.Close()
			t.Errorf("%s can be opened", name)
		}
	}
	if err := unix.PtraceSeize(pid); err == nil {
		t.Error("it can be traced")
	}
	handle, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(handle)
	for theirs := 3; theirs <= 4; theirs++ {
		if fd, err := unix.PidfdGetfd(handle, theirs, 0); err == nil {
			unix.Close(fd)
			t.Errorf("its channel can be taken: descriptor %d", theirs)
		}
	}
}

// pretender is the name of a module whose helper only says that it is locked in.
const pretender = "pretender"

// TestMain calls pretend, in the process of a helper.
func pretend() {
	requests, answers := os.NewFile(3, "requests"), os.NewFile(4, "answers")
	request := make([]byte, 4096)
	for {
		if _, err := requests.Read(request); err != nil {
			os.Exit(0)
		}
		answers.WriteString("\x00\x00\x00\x07\x00\x00\x00\x00done []")
	}
}

// A helper is not believed: keyrite looks what holds for it.
func TestHelperIsNotBelieved(t *testing.T) {
	m := hsmtest.Module(t)
	m.Name = pretender
	_, err := hsm.Tokens(t.Context(), m)
	wantError(t, err, hsm.ErrModule, "the helper is not locked in; nothing was sent to it")
}

// TestMain calls showProgram, in a process of its own.
func showProgram(string) {
	hsm.Reexec()
	name, err := os.Readlink("/proc/self/exe")
	if os.IsPermission(err) {
		name, err = "unreadable", nil
	}
	program, openErr := hsm.OpenProgram()
	if err := errors.Join(err, openErr); err != nil {
		fmt.Println(err)
		return
	}
	hash := sha256.New()
	_, err = io.Copy(hash, program)
	fmt.Printf("%s %x %v %v\n", name, hash.Sum(nil), err, os.Args[1:])
}

// A program that started itself again can still be hashed, and its arguments are
// the same.
func TestReexec(t *testing.T) {
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe", "a", "b c")
	cmd.Env = append(os.Environ(), "KEYRITE_TEST_PROGRAM=1")
	out, err := cmd.CombinedOutput()
	want := fmt.Sprintf("/memfd:keyrite (deleted) %x <nil> [a b c]\n", sha256.Sum256(program))
	if err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// listTokens lists the tokens of a module, in a process of its own.
func listTokens(text string) {
	var m hsm.Module
	err := json.Unmarshal([]byte(text), &m)
	if err == nil {
		_, err = hsm.Tokens(context.Background(), m)
	}
	fmt.Println(err)
}

// A process that traces keyrite sees what is typed: no module is loaded then.
func TestHelperWantsAnUntracedKeyrite(t *testing.T) {
	runtime.LockOSThread() // who traces is a thread
	defer runtime.UnlockOSThread()
	text, err := json.Marshal(hsmtest.Module(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	traced := exec.Command("/proc/self/exe")
	traced.Env = append(os.Environ(), "KEYRITE_TEST_TOKENS="+string(text))
	traced.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	traced.Stdout = write
	if err := traced.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	for {
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(traced.Process.Pid, &status, 0, nil); err != nil || status.Exited() || status.Signaled() {
			break
		}
		signal := status.StopSignal()
		if signal == syscall.SIGTRAP {
			signal = 0
		}
		if err := syscall.PtraceCont(traced.Process.Pid, int(signal)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.Copy(&out, read); err != nil || !strings.Contains(out.String(), fmt.Sprintf("TracerPid is %d, want 0", unix.Gettid())) {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

// countMounts starts a helper where every mount is shared with other namespaces, and
// prints the mounts before and after.
func countMounts(text string) {
	// First cut off from the machine's own, then shared with those that are made from it.
	for _, kind := range []uintptr{syscall.MS_PRIVATE, syscall.MS_SHARED} {
		if err := syscall.Mount("", "/", "", syscall.MS_REC|kind, ""); err != nil {
			fmt.Println(err)
		}
	}
	before, _ := os.ReadFile("/proc/self/mountinfo")
	listTokens(text)
	after, _ := os.ReadFile("/proc/self/mountinfo")
	fmt.Println(len(before) > 0 && bytes.Equal(before, after))
}

// What a helper mounts is seen by nobody else.
func TestMountsStayInside(t *testing.T) {
	text, err := json.Marshal(hsmtest.Module(t))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "KEYRITE_TEST_MOUNTS="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if !namespacesAllowed(false) {
		t.Skip("who may not mount here may not share a mount either")
	}
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "<nil>\ntrue\n" {
		t.Errorf("got %q, %v", out, err)
	}
}

// withoutMemfd lists tokens where no file in memory may be executed.
func withoutMemfd(text string) {
	err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err == nil {
		err = syscall.Mount("proc", "/proc", "proc", 0, "")
	}
	if err == nil {
		err = os.WriteFile("/proc/sys/vm/memfd_noexec", []byte("2"), 0)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	hsm.Reexec()
	for _, p := range hsm.Harden() {
		if p.Name == "memory not readable by other processes" {
			fmt.Println(p.Active, p.Detail)
		}
	}
	listTokens(text)
}

// Where programs cannot run from memory, keyrite goes on and says so.
func TestWithoutExecutableMemory(t *testing.T) {
	if !namespacesAllowed(false) {
		t.Skip("only root can set vm.memfd_noexec, in a namespace of process ids")
	}
	text, err := json.Marshal(hsmtest.Module(t))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "KEYRITE_TEST_NOEXEC="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "false hidden only since") || !strings.HasSuffix(string(out), "\n<nil>\n") {
		t.Errorf("got %q, %v", out, err)
	}
}

// A module that is refused what it needs: the error says what, and the line to add.
func TestUndeclaredNeedsAreNamed(t *testing.T) {
	m, uri, _ := hsmtest.Token(t, "officer-1")
	state := m.State[0]
	m.State, m.Name = nil, "safe"
	_, err := hsm.Open(t.Context(), m, uri)
	wantError(t, err, hsm.ErrStart, "refused, because it is not declared: "+state)
	var e *hsm.Error
	if errors.As(err, &e); e.Hint != "if the module needs it, add to modules.safe in site.yaml: state: ["+state+"]" {
		t.Errorf("hint: got %q", e.Hint)
	}
	s := newScene(t)
	s.module.Path, s.module.Env = m.Path, m.Env
	s.module.Env["SERVICE"] = "unix:path=" + s.other.Addr().String() + ",x=y"
	_, err = hsm.Tokens(t.Context(), s.module)
	if errors.As(err, &e); e == nil || !strings.Contains(e.Hint, "state: ["+s.module.State[0]+", "+state+"], connects: ["+s.other.Addr().String()+"]") {
		t.Errorf("hint: got %q, %v", e.Hint, err)
	}
}
