// A module of a test, which is asked in this process: the helper's own code, and the
// same frames, without a process, a sandbox and a C library. See internal/cryptoki.

package hsm

import (
	"os"

	"github.com/uptane/keyrite/hsm/internal/cryptoki"
	"golang.org/x/sys/unix"
)

// startInside serves a test's module from a goroutine. Nothing is locked in, and the
// process that it returns has no cmd.
func startInside(m Module, token string) (*process, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	p := &process{module: m, token: token, last: make(chan struct{}), exited: make(chan struct{})}
	close(p.last)
	p.channel = os.NewFile(uintptr(pair[0]), "channel")
	theirs := os.NewFile(uintptr(pair[1]), "channel")
	h := &helper{locked: true, asked: m, module: &lifetime{Module: cryptoki.Inside(m.Path)}}
	go func() {
		defer close(p.exited)
		defer theirs.Close()
		defer h.close()
		for h.serve(theirs) == nil {
		}
	}()
	return p, nil
}
