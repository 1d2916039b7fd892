// The keyrite side of a helper process: start it and end it. A module that
// crashes or hangs takes down its helper and nothing else.

package hsm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/uptane/keyrite/hsm/internal/cryptoki"
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
	skeleton    string       // of its root

	channel *channel
	stderr  *headBuffer
	cmd     *exec.Cmd
	exited  chan struct{}

	writing sync.Mutex    // one request at a time
	last    chan struct{} // closed when the answer to the last request was read

	mu   sync.Mutex
	dead error // why no further call is possible
}

// startProcess starts a helper, sees that it is locked in, and lets it load the
// module. Errors name token.
func startProcess(ctx context.Context, m Module, token string) (*process, error) {
	if cryptoki.Inside != nil {
		return startInside(m, token)
	}
	p, err := startLocked(ctx, m, token)
	if err != nil {
		return nil, err
	}
	if _, err := call[none](ctx, p, m.timeout(), "load", none{}, nil); err != nil {
		p.close()
		return nil, m.explain(p.notStarted(err))
	}
	return p, nil
}

// startLocked starts a helper for a module that is not loaded yet.
func startLocked(ctx context.Context, m Module, token string) (*process, error) {
	p := &process{module: m, token: token, last: make(chan struct{})}
	close(p.last)
	if dir, err := runtimeDir("root"); err == nil {
		p.skeleton = dir
	}
	args := lockArgs{Module: m, Variables: m.variables(), Skeleton: p.skeleton}
	err := m.CheckNeeds()
	if err == nil {
		args.Namespaces, err = p.start()
	}
	if err != nil {
		return nil, p.errorf(ErrModule, "helper process: %v", err)
	}
	p.protections, err = call[[]Protection](ctx, p, m.timeout(), "lock", args, nil)
	if err == nil {
		err = p.checkLocked()
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// checkLocked asks the kernel whether the helper is locked in and untraced. A
// helper that has ended passes: the next call says how.
func (p *process) checkLocked() error {
	if p.cmd == nil {
		return nil // it is inside
	}
	err := errors.Join(checkUntraced(), checkEnforced(fmt.Sprintf("/proc/%d/task", p.cmd.Process.Pid)))
	if err == nil {
		return nil
	}
	select {
	case <-p.exited:
		return nil
	default:
		return p.errorf(ErrModule, "the helper is not locked in; nothing was sent to it: %v", err)
	}
}

// start makes the channel and the process, in the best namespaces that are allowed
// here. It returns those that the helper has.
func (p *process) start() (got namespaces, err error) {
	for _, got = range p.module.namespaces() {
		if err != nil && !got.Own {
			got.Why += fmt.Sprintf(" (%v)", err)
		}
		if err = p.startIn(got); err == nil {
			break
		}
	}
	return got, err
}

// startIn starts the helper: this very program, under a name that IsHelper knows,
// without a terminal, a variable, or a descriptor but its end of the channel.
func (p *process) startIn(n namespaces) error {
	ours, theirs, err := newChannel()
	if err != nil {
		return err
	}
	requests, answers := theirs.files()
	defer requests.Close()
	defer answers.Close()
	p.channel, p.stderr, p.exited = ours, &headBuffer{max: 4 << 10}, make(chan struct{})
	p.cmd = &exec.Cmd{
		Path:        helperProgram(),
		Args:        []string{helperName, p.module.Name},
		Env:         []string{}, // nil would be all of keyrite's
		Dir:         "/",
		Stderr:      p.stderr,
		ExtraFiles:  []*os.File{requests, answers}, // 3 and 4
		WaitDelay:   closeGrace,
		SysProcAttr: n.attributes(),
	}
	if err := p.run(); err != nil {
		p.channel.Close()
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
			if p.skeleton != "" { // the place of its own /proc is of use to no other helper
				_ = os.Remove(filepath.Join(p.skeleton, "proc", strconv.Itoa(p.cmd.Process.Pid)))
			}
		}
		runtime.UnlockOSThread()
	}()
	return <-started
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

// end closes the channel, at which the helper logs out, finalises the module and
// exits; a helper that is stuck in the module is killed.
func (p *process) end() {
	p.channel.Close()
	if p.cmd == nil {
		<-p.exited
		return
	}
	select {
	case <-p.exited:
	case <-time.After(closeGrace):
		_ = p.cmd.Process.Kill() // it may have exited just now
		<-p.exited
	}
}
