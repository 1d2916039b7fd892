package roles

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// fetched is the file of a role before anybody has asked whether its version and
// its time are right. Both fields are set once it is ready.
type fetched struct {
	ready sync.WaitGroup
	file  *File
	err   error
}

// readAhead bounds how far the walk over the delegations is run ahead of: enough for
// all cores, and little to look through where each role delegates on.
const readAhead = 128

// job is a file to read ahead.
type job struct {
	*fetched
	role string
	meta Meta
	by   authority
}

// readAhead has the files of the delegated roles that are next read on all cores, and
// their signatures checked, while the walk goes on: nearly all the work that there is,
// and none of it depends on another file. The walk finds them in c.ahead, and the
// verdicts in the files, and decides in its own order: what it says does not depend on
// who was faster.
func (c *Client) readAhead(stack []visit) {
	if c.Reuse || !c.runsLow(stack) {
		return
	}
	var jobs []job
	for i := len(stack) - 1; i >= max(0, len(stack)-readAhead); i-- {
		v := stack[i]
		if c.isRead(v.role.Name) {
			continue
		}
		if meta, err := c.listed(v.role.Name); err == nil {
			next := job{&fetched{}, v.role.Name, meta, c.mandate(v.role, v.delegator)}
			next.ready.Add(1)
			c.ahead[next.role] = next.fetched
			jobs = append(jobs, next)
		}
	}
	c.reading.Go(func() {
		onAllCores(len(jobs), func(i int) { c.readOne(jobs[i]) })
	})
}

// runsLow says whether the role that is next has yet to be read, or the one at half of
// the way that is read ahead.
func (c *Client) runsLow(stack []visit) bool {
	for _, i := range []int{len(stack) - 1, max(0, len(stack)-readAhead/2)} {
		if v := stack[i]; v.role != nil && !c.isRead(v.role.Name) {
			return true
		}
	}
	return false
}

// readOne is run beside the walk, and looks at nothing in the client that the walk
// changes.
func (c *Client) readOne(next job) {
	defer next.ready.Done()
	next.file, next.err = c.fetch(TypeTargets, next.role, next.meta)
	if next.err == nil {
		CheckThreshold(next.file, next.by.role, next.by.keys)
		next.file.Objections()
	}
}

// isRead says whether the file of a role was read, with whatever outcome.
func (c *Client) isRead(role string) bool {
	_, ahead := c.ahead[role]
	return ahead || c.files[role] != nil
}

// onAllCores does a job for each number below n.
func onAllCores(n int, do func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers == 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}
