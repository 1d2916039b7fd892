package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// sample is what a process took, with all that it started and waited for.
type sample struct {
	cpu  time.Duration // user and system
	wall time.Duration
	rss  int64 // bytes; of the largest process
}

// plus is one process after the other.
func (s sample) plus(t sample) sample {
	return sample{s.cpu + t.cpu, s.wall + t.wall, max(s.rss, t.rss)}
}

// measure runs a program to its end and returns what it wrote to stdout. The error of
// one that fails is what it said.
//
// A process between the two does the measuring: Linux counts the memory of the one that
// starts a program as the program's own, and that of the bench is large.
func measure(command ...string) (s sample, out []byte, err error) {
	self, err := os.Executable()
	if err != nil {
		return s, nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return s, nil, err
	}
	defer read.Close()
	var said bytes.Buffer
	cmd := exec.Command(self, append([]string{measuring}, command...)...)
	cmd.Stderr, cmd.ExtraFiles = &said, []*os.File{write}
	out, err = cmd.Output()
	write.Close()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return s, nil, fmt.Errorf("%s: %q", strings.Join(command[:min(4, len(command))], " "), lines[max(0, len(lines)-4):])
	}
	_, err = fmt.Fscan(read, &s.cpu, &s.wall, &s.rss)
	return s, out, err
}

// measuring is the first argument of the process that measures; the command follows.
const measuring = "measuring"

// measureChild runs a program and writes what it took to file 3, a pipe. It returns the
// exit code.
func measureChild(command []string) int {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	state := cmd.ProcessState
	rss := state.SysUsage().(*syscall.Rusage).Maxrss << 10 // Linux counts in KiB
	fmt.Fprintln(os.NewFile(3, "result"), int64(state.UserTime()+state.SystemTime()), int64(wall), rss)
	return 0
}

// part is a job that is reported by itself.
type part struct {
	job string
	sample
}

// alone is a job of one part, which is none when it failed.
func alone(job string, s sample, err error) ([]part, error) {
	if err != nil {
		return nil, err
	}
	return []part{{job, s}}, nil
}

// trial is what a candidate does, as often as it is asked to.
type trial struct {
	by  string
	run func() ([]part, error)
}

// inTurn runs trials and keeps the typical sample of each part. Trials take turns, so
// that a busy moment of the machine hits all. One that fails is reported and left out; the
// error of the first trial, which is keyrite's, is returned.
func (b *bench) inTurn(s scale, rounds int, trials ...trial) (first error) {
	samples := make(map[key][]sample)
	var order []key
	failed := make([]error, len(trials))
	for range rounds {
		for i, t := range trials {
			if failed[i] != nil {
				continue
			}
			parts, err := t.run()
			failed[i] = err
			for _, p := range parts {
				k := key{s, p.job, t.by}
				if samples[k] == nil {
					order = append(order, k)
				}
				samples[k] = append(samples[k], p.sample)
			}
		}
	}
	for _, k := range order {
		b.table.add(k, typical(samples[k]))
	}
	for i, err := range failed {
		if err != nil {
			b.table.fail(s, trials[i].by, err)
		}
	}
	return failed[0]
}

// typical is the median of CPU time, and of memory, and the least wall time: what
// else the machine does only adds to that.
func typical(samples []sample) sample {
	cpu, wall, rss := make([]time.Duration, len(samples)), make([]time.Duration, len(samples)), make([]int64, len(samples))
	for i, s := range samples {
		cpu[i], wall[i], rss[i] = s.cpu, s.wall, s.rss
	}
	slices.Sort(cpu)
	slices.Sort(rss)
	return sample{cpu[len(cpu)/2], slices.Min(wall), rss[len(rss)/2]}
}
