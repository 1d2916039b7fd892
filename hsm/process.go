// The keyrite side of a helper process: start it, ask it one thing at a time
// with a time-out, and end it. A module that crashes or hangs takes down its
// helper and nothing else.

package hsm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
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

	mu       sync.Mutex // one call at a time
	requests *os.File
	answers  *os.File
	stderr   *headBuffer
	cmd      *exec.Cmd
	exited   chan struct{}
	dead     error // why no further call is possible
}

// startProcess starts a helper and lets it load the module. Errors name token.
func startProcess(ctx context.Context, m Module, token string) (*process, error) {
	p := &process{module: m, token: token, exited: make(chan struct{}), stderr: &headBuffer{max: 4 << 10}}
	if err := p.start(); err != nil {
		return nil, p.errorf(ErrModule, "helper process: %v", err)
	}
	var err error
	if p.protections, err = call[[]Protection](ctx, p, m.timeout(), "load", m, nil); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// start makes the pipes and the process: this very program, under a name that
// IsHelper knows, with the module's environment and no other.
func (p *process) start() error {
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
	// Descriptors that keyrite was given (fd:N of a PIN) are none of the module's business.
	if err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return err
	}
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

// none is the result of a call that only succeeds or fails.
type none struct{}

// call asks the helper for op and decodes its result. See process.do.
func call[R any](ctx context.Context, p *process, timeout time.Duration, op string, args any, body []byte) (R, error) {
	var result R
	_, err := p.do(ctx, timeout, op, args, body, &result)
	return result, err
}

// do asks the helper for op and waits for the answer, at most timeout long. A
// helper that does not answer, or whose caller gave up, is ended: its module is
// in an unknown state. do returns the body of the answer.
func (p *process) do(ctx context.Context, timeout time.Duration, op string, args any, body []byte, result any) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead != nil {
		return nil, p.dead
	}
	if err := ctx.Err(); err != nil {
		return nil, p.errorf(ErrCanceled, "before %s", op)
	}
	encoded, err := json.Marshal(args)
	if err != nil {
		return nil, p.errorf(ErrUsage, "%v", err)
	}
	answer, body, err := p.exchange(ctx, timeout, request{op, encoded}, body)
	if err != nil {
		p.dead = p.explain(ctx, op, timeout, err)
		return nil, p.dead
	}
	if answer.Fault != nil {
		return nil, answer.Fault.error(p.module.Name, p.token)
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return nil, p.errorf(ErrCrashed, "answer to %s: %v", op, err)
	}
	return body, nil
}

// exchange writes one frame and reads one. The deadline lies on the pipes, so
// that no goroutine is left behind.
func (p *process) exchange(ctx context.Context, timeout time.Duration, req request, body []byte) (response, []byte, error) {
	var answer response
	deadline := time.Now().Add(timeout)
	if err := errors.Join(p.requests.SetWriteDeadline(deadline), p.answers.SetReadDeadline(deadline)); err != nil {
		return answer, nil, err
	}
	stop := context.AfterFunc(ctx, func() {
		past := time.Unix(1, 0)
		_ = p.requests.SetWriteDeadline(past)
		_ = p.answers.SetReadDeadline(past)
	})
	defer stop()
	if err := writeFrame(p.requests, req, body); err != nil {
		return answer, nil, err
	}
	body, err := readFrame(p.answers, &answer, maxAnswerBytes)
	return answer, body, err
}

// explain ends the helper and says why no answer came.
func (p *process) explain(ctx context.Context, op string, timeout time.Duration, err error) error {
	p.end()
	switch {
	case ctx.Err() != nil:
		return p.errorf(ErrCanceled, "during %s", op)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return p.errorf(ErrTimeout, "%s took longer than %v", op, timeout)
	}
	text := fmt.Sprintf("during %s (%v)", op, p.cmd.ProcessState)
	if said := p.stderr.String(); said != "" {
		text += "; it said: " + said
	}
	return p.errorf(ErrCrashed, "%s", text)
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

// headBuffer keeps the first bytes written to it.
type headBuffer struct {
	mu   sync.Mutex
	max  int
	kept bytes.Buffer
}

func (b *headBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept.Write(data[:min(len(data), b.max-b.kept.Len())])
	return len(data), nil
}

// String returns what was kept, on one line and fit for a terminal, without the
// registers and stacks that Go shows for a crash in C.
func (b *headBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	said, _, _ := strings.Cut(b.kept.String(), "\nPC=")
	return printable(strings.Join(strings.Fields(said), " "))
}
