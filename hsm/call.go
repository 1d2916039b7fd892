// Asking a helper: one frame up and one down, with a time-out, and a helper that
// does not answer is ended.

package hsm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// none is the result of a call that only succeeds or fails.
type none struct{}

// call asks the helper for op and decodes its result. See process.do.
func call[R any](ctx context.Context, p *process, timeout time.Duration, op string, args any, body []byte) (R, error) {
	var result R
	_, err := p.do(ctx, timeout, op, args, body, &result)
	return result, err
}

// carriesPIN are the operations whose body holds a PIN or the parts of a key. Before
// one, keyrite looks whether the helper is still locked in, and traced by nobody.
var carriesPIN = []string{"init", "login", "loginso", "wrappingkey"}

// do asks the helper for op and waits for the answer, at most timeout long once
// it is this call's turn. Several goroutines may ask: their requests queue up in
// the channel, and the helper answers them in order. A helper that does not answer,
// or whose caller gave up, is ended: its module is in an unknown state. do
// returns the body of the answer.
func (p *process) do(ctx context.Context, timeout time.Duration, op string, args any, body []byte, result any) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, p.errorf(ErrCanceled, "before %s", op)
	}
	if slices.Contains(carriesPIN, op) {
		if err := p.checkLocked(); err != nil {
			return nil, err
		}
	}
	answer, err := p.exchange(ctx, timeout, op, args, body)
	if err != nil {
		return nil, err
	}
	var fault wireFault
	switch answer.word {
	case wordDone:
		err = json.Unmarshal(answer.data, result)
	case wordFault:
		if err = json.Unmarshal(answer.data, &fault); err == nil {
			return nil, fault.error(p.module.Name, p.token)
		}
	default:
		err = fmt.Errorf("got %q", printable(answer.word))
	}
	if err != nil {
		return nil, p.errorf(ErrCrashed, "answer to %s: %v", op, err)
	}
	return answer.body, nil
}

// exchange writes one frame, waits until the answers to earlier ones were read,
// and reads one. Who gives up ends the channel, so that no goroutine is left
// behind. After an error the next in line must not take this call's answer for
// its own: the helper is ended before it gets its turn.
func (p *process) exchange(ctx context.Context, timeout time.Duration, op string, args any, body []byte) (answer frame, err error) {
	stop := context.AfterFunc(ctx, func() { _ = p.channel.giveUp(ctx.Err()) })
	before, read, err := p.send(timeout, op, args, body)
	<-before
	defer close(read)
	if err == nil {
		err = p.channel.within(timeout, func() error {
			answer, err = readFrame(p.channel.buffered, maxAnswerBytes)
			return err
		})
	}
	if !stop() {
		err = p.channel.giveUp(ctx.Err())
	}
	if err != nil {
		return answer, p.fail(op, timeout, err)
	}
	return answer, nil
}

// send writes a request. Its answer may be read once before is closed, and read
// is to be closed after that.
func (p *process) send(timeout time.Duration, op string, args any, body []byte) (before, read chan struct{}, err error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	before, read = p.last, make(chan struct{})
	p.last = read
	err = p.channel.within(timeout, func() error {
		return writeFrame(p.channel.requests, op, args, body)
	})
	return before, read, err
}

// fail ends the helper, says why no answer came, and keeps that for later calls.
func (p *process) fail(op string, timeout time.Duration, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead == nil {
		p.end()
		p.dead = p.explain(op, timeout, err)
	}
	return p.dead
}

// explain says why no answer came from a helper that has ended.
func (p *process) explain(op string, timeout time.Duration, err error) error {
	why := p.channel.gaveUp()
	switch {
	case errors.Is(why, os.ErrDeadlineExceeded):
		return p.errorf(ErrTimeout, "%s took longer than %v", op, timeout)
	case why != nil:
		return p.errorf(ErrCanceled, "during %s", op)
	case p.cmd == nil:
		return p.errorf(ErrCrashed, "during %s: %v", op, err)
	}
	text := fmt.Sprintf("during %s (%v)", op, p.cmd.ProcessState)
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == unix.SIGSYS {
		text = fmt.Sprintf("during %s: the module made a forbidden system call and was stopped", op)
	}
	if said := p.stderr.String(); said != "" {
		text += "; it said: " + said
	}
	return p.errorf(ErrCrashed, "%s", text)
}
