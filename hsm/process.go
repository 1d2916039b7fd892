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
		return nil, err
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

// do asks the helper for op and waits for the answer, at most timeout long once
// it is this call's turn. Several goroutines may ask: their requests queue up in
// the pipe, and the helper answers them in order. A helper that does not answer,
// or whose caller gave up, is ended: its module is in an unknown state. do
// returns the body of the answer.
func (p *process) do(ctx context.Context, timeout time.Duration, op string, args any, body []byte, result any) ([]byte, error) {
	encoded, err := json.Marshal(args)
	if err != nil {
		return nil, p.errorf(ErrUsage, "%v", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, p.errorf(ErrCanceled, "before %s", op)
	}
	answer, body, err := p.exchange(ctx, timeout, request{op, encoded}, body)
	if err != nil {
		return nil, err
	}
	if answer.Fault != nil {
		return nil, answer.Fault.error(p.module.Name, p.token)
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return nil, p.errorf(ErrCrashed, "answer to %s: %v", op, err)
	}
	return body, nil
}

// exchange writes one frame, waits until the answers to earlier ones were read,
// and reads one. The deadline lies on the pipes, so that no goroutine is left
// behind. After an error the next in line must not take this call's answer for
// its own: the helper is ended before it gets its turn.
func (p *process) exchange(ctx context.Context, timeout time.Duration, req request, body []byte) (response, []byte, error) {
	stop := context.AfterFunc(ctx, func() {
		past := time.Unix(1, 0)
		_ = p.requests.SetWriteDeadline(past)
		_ = p.answers.SetReadDeadline(past)
	})
	defer stop()
	before, read, err := p.send(ctx, timeout, req, body)
	<-before
	defer close(read)
	var answer response
	if err == nil {
		body, err = p.receive(ctx, timeout, &answer)
	}
	if err != nil {
		return answer, nil, p.fail(ctx, req.Op, timeout, err)
	}
	return answer, body, nil
}

// send writes a request. Its answer may be read once before is closed, and read
// is to be closed after that.
func (p *process) send(ctx context.Context, timeout time.Duration, req request, body []byte) (before, read chan struct{}, err error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	before, read = p.last, make(chan struct{})
	p.last = read
	err = errors.Join(p.requests.SetWriteDeadline(time.Now().Add(timeout)), ctx.Err())
	if err == nil {
		err = writeFrame(p.requests, req, body)
	}
	return before, read, err
}

// receive reads an answer.
func (p *process) receive(ctx context.Context, timeout time.Duration, answer *response) ([]byte, error) {
	if err := errors.Join(p.answers.SetReadDeadline(time.Now().Add(timeout)), ctx.Err()); err != nil {
		return nil, err
	}
	return readFrame(p.answers, answer, maxAnswerBytes)
}

// fail ends the helper, says why no answer came, and keeps that for later calls.
func (p *process) fail(ctx context.Context, op string, timeout time.Duration, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead == nil {
		p.end()
		p.dead = p.explain(ctx, op, timeout, err)
	}
	return p.dead
}

// explain says why no answer came from a helper that has ended.
func (p *process) explain(ctx context.Context, op string, timeout time.Duration, err error) error {
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
