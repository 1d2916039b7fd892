// Package cores shares work among all cores, with the outcome that one would have.
package cores

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each does a job for each number from 0 to n-1, in this order but many at once.
// Every worker makes a function of its own, which may keep a buffer. Of the
// errors that of the lowest number is returned, so that it does not depend on who
// was faster; all jobs of lower numbers are done then, and no more are begun.
func Each(n int, worker func() func(i int) error) error {
	e := each{failed: n}
	var group sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() { e.work(n, worker()) })
	}
	group.Wait()
	return e.err
}

type each struct {
	next atomic.Int64 // the first number that nobody has taken
	stop atomic.Bool

	mu     sync.Mutex
	failed int // the lowest number that failed
	err    error
}

func (e *each) work(n int, do func(i int) error) {
	for !e.stop.Load() {
		i := int(e.next.Add(1)) - 1
		if i >= n {
			return
		}
		if err := do(i); err != nil {
			e.fail(i, err)
		}
	}
}

func (e *each) fail(i int, err error) {
	e.stop.Store(true)
	e.mu.Lock()
	defer e.mu.Unlock()
	if i < e.failed {
		e.failed, e.err = i, err
	}
}
