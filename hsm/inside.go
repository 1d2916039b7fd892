// A module of a test, which is asked in this process: the helper's own code, and the
// same frames, without a process, a sandbox and a C library. See internal/cryptoki.

package hsm

import "github.com/uptane/keyrite/hsm/internal/cryptoki"

// startInside serves a test's module from a goroutine. Nothing is locked in, and the
// process that it returns has no cmd.
func startInside(m Module, token string) (*process, error) {
	ours, theirs, err := newChannel()
	if err != nil {
		return nil, err
	}
	p := &process{module: m, token: token, channel: ours, last: make(chan struct{}), exited: make(chan struct{})}
	close(p.last)
	from, answers := theirs.files()
	requests := &wipedReader{from: from}
	h := &helper{locked: true, asked: m, module: &lifetime{Module: cryptoki.Inside(m.Path)}}
	go func() {
		defer close(p.exited)
		defer answers.Close()
		defer from.Close()
		defer h.close()
		for h.serve(requests, answers) == nil {
		}
	}()
	return p, nil
}
