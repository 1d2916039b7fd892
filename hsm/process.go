// The keyrite side of a helper process: start it and end it. A module that
// crashes or hangs takes down its helper and nothing else.

package hsm

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// closeGrace is how long a helper may take to log out and finalise its module
// before it is killed.
const closeGrace = 3 * time.Second

// process is a running helper.
type process struct {
	module Module
	token  string // how errors name the token, "" before one was chosen

	protections []Protection // what the helper did to itself

	requests *os.File
	answers  *os.File
	stderr   *headBuffer
	cmd      *exec.Cmd
	exited   chan struct{}

	writing sync.Mutex    // one request at a time
	last    chan struct{} // closed when the answer to the last request was read

	mu   sync.Mutex
	dead error // why no further call is possible
}

// startProcess starts a helper and lets it load the module. Errors name token.
func startProcess(ctx context.Context, m Module, token string) (*process, error) {
	p := &process{module: m, token: token, exited: make(chan struct{}), stderr: &headBuffer{max: 4 << 10}, last: make(chan struct{})}
	close(p.last)
	if err := p.start(); err != nil {
		return nil, p.errorf(ErrModule, "helper process: %v", err)
	}
	var err error
	if p.protections, err = call[[]Protection](ctx, p, m.timeout(), "load", m, nil); err != nil {
		p.close()
		return nil, p.notStarted(err)
	}
	return p, nil
}

// start makes the pipes and the process: this very program, under a name that
// IsHelper knows, with the module's environment and no other.
func (p *process) start() error {
	for _, name := range []string{"LD_PRELOAD", "LD_AUDIT"} {
		if _, ok := p.module.Env[name]; ok {
			return fmt.Errorf("env: %s is refused: it would load code whose hash nobody has checked", name)
		}
	}
	requestsR, requestsW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer requestsR.Close()
	answersR, answersW, err := os.Pipe()
	if err != nil {
		requestsW.Close()
		return err
	}
	defer answersW.Close()
	p.requests, p.answers = requestsW, answersR

	p.cmd = &exec.Cmd{
		Path:        "/proc/self/exe", // the same bytes, even if the file was replaced since
		Args:        []string{helperName, p.module.Name},
		Env:         p.module.environ(),
		Stderr:      p.stderr,
		ExtraFiles:  []*os.File{requestsR, answersW}, // 3 and 4
		WaitDelay:   closeGrace,
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true},
	}
	if err := p.run(); err != nil {
		requestsW.Close()
		answersR.Close()
		return err
	}
	return nil
}

// run starts the process on a thread that lives as long as the process does:
// the kernel sends the parent-death signal when the starting *thread* ends.
func (p *process) run() error {
	// Descriptors that keyrite was given (fd:N of a PIN) are none of the module's
	// business. Linux before 5.11 cannot do this, and keyrite goes on without.
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is in p.cmd.ProcessState
			close(p.exited)
		}
		runtime.UnlockOSThread()
	}()
	return <-started
}

// environ is what the module sees: its own variables and a few plain ones.
// Nothing else of keyrite's environment, least of all an env: PIN, reaches it.
func (m Module) environ() []string {
	var env []string
	for _, name := range []string{"HOME", "PATH", "LANG", "TZ", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for name, value := range m.Env {
		env = append(env, name+"="+value)
	}
	return env
}

func (p *process) errorf(kind error, format string, args ...any) *Error {
	return newError(p.module.Name, p.token, kind, format, args...)
}

// close ends the helper politely. It is safe to call twice.
func (p *process) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead == nil {
		p.dead = p.errorf(ErrClosed, "")
		p.end()
	}
}

// end closes the request pipe, at which the helper logs out, finalises the
// module and exits; a helper that is stuck in the module is killed.
func (p *process) end() {
	p.requests.Close()
	select {
	case <-p.exited:
	case <-time.After(closeGrace):
		_ = p.cmd.Process.Kill() // it may have exited just now
		<-p.exited
	}
	p.answers.Close()
}
