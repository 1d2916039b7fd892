package roles

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// fetched is the file of a role before anybody has asked whether its version and
// its time are right.
type fetched struct {
	file *File
	err  error
}

// readAhead bounds how far the walk over the delegations is run ahead of: enough for
// all cores, and little to look through where each role delegates on.
const readAhead = 128

// readAhead reads the files of the delegated roles that are next, on all cores, and
// checks their signatures: nearly all the work that there is, and none of it depends
// on another file. The walk finds them in c.ahead, and the verdicts in the files, and
// decides in its own order: what it says does not depend on who was faster.
func (c *Client) readAhead(stack []visit) {
	if v := stack[len(stack)-1]; c.Reuse || v.role == nil || c.isRead(v.role.Name) {
		return
	}
	type job struct {
		role string
		meta Meta
		by   authority
	}
	var jobs []job
	taken := map[string]bool{}
	for i := len(stack) - 1; i >= max(0, len(stack)-readAhead); i-- {
		v := stack[i]
		if taken[v.role.Name] || c.isRead(v.role.Name) {
			continue
		}
		if meta, err := c.listed(v.role.Name); err == nil {
			taken[v.role.Name] = true
			jobs = append(jobs, job{v.role.Name, meta, c.mandate(v.role, v.delegator)})
		}
	}
	files := make([]fetched, len(jobs))
	onAllCores(len(jobs), func(i int) {
		job := jobs[i]
		file, err := c.fetch(TypeTargets, job.role, job.meta)
		files[i] = fetched{file, err}
		if err == nil {
			CheckThreshold(file, job.by.role, job.by.keys)
			file.Objections()
		}
	})
	for i, job := range jobs {
		c.ahead[job.role] = files[i]
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
