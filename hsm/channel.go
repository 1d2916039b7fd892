// The channel between keyrite and a helper: one socket for requests and one for
// answers. A socket cannot be opened a second time through /proc, as a pipe can. Both
// block, and the poller of the Go runtime knows neither: it would wake keyrite for
// every request and answer once or twice more than needed. Who waits too long is woken
// by a shutdown.

package hsm

import (
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// channel is keyrite's end.
type channel struct {
	requests *os.File
	answers  *os.File
	buffered io.Reader             // of answers
	why      atomic.Pointer[error] // it was given up
}

// helperEnd is the other end, descriptors of this process.
type helperEnd struct{ requests, answers int }

// files opens the end where the helper uses it.
func (e helperEnd) files() (requests, answers *os.File) {
	return os.NewFile(uintptr(e.requests), "requests"), os.NewFile(uintptr(e.answers), "answers")
}

// newChannel makes both ends.
func newChannel() (*channel, helperEnd, error) {
	up, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, helperEnd{}, os.NewSyscallError("socketpair", err)
	}
	requests := os.NewFile(uintptr(up[0]), "requests")
	down, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		requests.Close()
		unix.Close(up[1])
		return nil, helperEnd{}, os.NewSyscallError("socketpair", err)
	}
	answers := os.NewFile(uintptr(down[0]), "answers")
	return &channel{requests: requests, answers: answers, buffered: &wipedReader{from: answers}}, helperEnd{up[1], down[1]}, nil
}

// wipedReader reads what many small frames need at once, and keeps nothing of what was
// taken: requests hold PINs.
type wipedReader struct {
	from       io.Reader
	buffer     [4096]byte
	start, end int // of what is left in it
}

func (r *wipedReader) Read(p []byte) (int, error) {
	if r.start == r.end && len(p) >= len(r.buffer) {
		return r.from.Read(p)
	}
	if r.start == r.end {
		n, err := r.from.Read(r.buffer[:])
		if n <= 0 {
			return 0, err
		}
		r.start, r.end = 0, n
	}
	n := copy(p, r.buffer[r.start:r.end])
	Wipe(r.buffer[r.start : r.start+n])
	r.start += n
	return n, nil
}

// within runs do, which writes or reads, and gives the channel up when it takes longer.
func (c *channel) within(timeout time.Duration, do func() error) error {
	timer := time.AfterFunc(timeout, func() { c.giveUp(os.ErrDeadlineExceeded) })
	err := do()
	if !timer.Stop() {
		return c.giveUp(os.ErrDeadlineExceeded)
	}
	return err
}

// giveUp ends the channel and whatever waits on it. The first reason is kept, and
// returned.
func (c *channel) giveUp(why error) error {
	c.why.CompareAndSwap(nil, &why)
	c.shutdown()
	return *c.why.Load()
}

// gaveUp returns why the channel was given up, or nil.
func (c *channel) gaveUp() error {
	if why := c.why.Load(); why != nil {
		return *why
	}
	return nil
}

// shutdown wakes whoever reads or writes here. They hold the descriptors until then, so
// that none can come to stand for another file.
func (c *channel) shutdown() {
	for _, file := range []*os.File{c.requests, c.answers} {
		if conn, err := file.SyscallConn(); err == nil {
			_ = conn.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) }) // it may be closed
		}
	}
}

// Close closes keyrite's end, at which the helper ends.
func (c *channel) Close() {
	c.shutdown()
	c.requests.Close()
	c.answers.Close()
}
