// Command bench measures keyrite beside its peers on one file, in one run: parse
// and verify, canonicalise and sign, and the largest memory of each. The
// numbers to look at are the ratios; times change with the machine.
//
// Usage: bench INTEROP, the folder of this module, after scripts/bench.sh has
// built the candidates.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/uptane/keyrite/interop/bench/fleet"
)

// candidate is a program that does the jobs, as a command in the folder interop.
type candidate struct {
	name    string
	command []string
}

// candidates are compared; the first is keyrite.
var candidates = []candidate{
	{"keyrite", []string{"work/bench/bin/keyrite"}},
	{"go-tuf v2", []string{"work/bench/bin/go-tuf-v2"}},
	{"python-tuf", []string{"work/python/bin/python", "bench/python-tuf/measure.py"}},
}

const (
	rounds = 5       // runs of each candidate and job; the median counts
	images = 100_000 // images in the file that all candidates get
)

// job is what a candidate does, with the words of the tables.
type job struct{ name, says string }

var jobs = []job{
	{"verify", "parse, verify 2 signatures"},
	{"canonicalise", "canonicalise"},
	{"sign", "canonicalise, sign 2×, write"},
}

// alone is what no candidate that signs with Go's standard library can go below:
// an Ed25519 signature takes two passes of SHA-512.
var alone = job{"alone", "sign 2×, crypto/ed25519 alone"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bench INTEROP")
		os.Exit(2)
	}
	b := bench{interop: os.Args[1]}
	for _, part := range []func() error{b.sideBySide, b.growth} {
		if err := part(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
}

type bench struct{ interop string }

// sample is one run of a candidate.
type sample struct {
	seconds float64
	peak    float64 // bytes
}

// prepare writes the files for n images and returns their folder, as seen from
// interop, and the size of the targets file.
func (b bench) prepare(n int) (string, float64, error) {
	dir := filepath.Join("work", "bench", strconv.Itoa(n))
	size, err := fleet.Write(filepath.Join(b.interop, dir), n)
	return dir, float64(size), err
}

func (b bench) run(command []string, job, dir string) (s sample, err error) {
	cmd := exec.Command(command[0], append(slices.Clone(command[1:]), job, dir)...)
	cmd.Dir = b.interop
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("%s: %w", command[0], err)
	}
	_, err = fmt.Sscan(string(out), &s.seconds, &s.peak)
	return s, err
}

// sideBySide prints all candidates on one file.
func (b bench) sideBySide() error {
	dir, size, err := b.prepare(images)
	if err != nil {
		return err
	}
	fmt.Printf("%d images, a file of %.1f MB, median of %d runs in turn:\n\n", images, size/1e6, rounds)
	w := newTable("job", "candidate", "seconds", "× keyrite", "peak memory", "× file")
	for _, j := range jobs {
		var trials []trial
		for _, c := range candidates {
			trials = append(trials, trial{j, c})
		}
		if j.name == "sign" {
			trials = append(trials, trial{alone, candidates[0]})
		}
		medians, err := b.inTurn(dir, trials)
		if err != nil {
			return err
		}
		for i, t := range trials {
			m := medians[i]
			fmt.Fprintf(w, "| %s\t| %s\t| %.3f\t| %.1f\t| %.0f MB\t| %.1f\t|\n", t.says, t.candidate.name, m.seconds, m.seconds/medians[0].seconds, m.peak/1e6, m.peak/size)
		}
	}
	return w.Flush()
}

// growth prints how keyrite's cost grows with the number of images.
func (b bench) growth() error {
	fmt.Printf("\nkeyrite alone, median of %d runs; linear means that µs per image stay the same:\n\n", rounds)
	w := newTable("images", "file", "job", "seconds", "µs per image", "peak memory", "× file")
	for n := 1000; n <= 1_000_000; n *= 10 {
		dir, size, err := b.prepare(n)
		if err != nil {
			return err
		}
		var trials []trial
		for _, j := range jobs {
			trials = append(trials, trial{j, candidates[0]})
		}
		medians, err := b.inTurn(dir, trials)
		if err != nil {
			return err
		}
		for i, m := range medians {
			fmt.Fprintf(w, "| %d\t| %.1f MB\t| %s\t| %.4f\t| %.2f\t| %.0f MB\t| %.1f\t|\n", n, size/1e6, trials[i].says, m.seconds, m.seconds*1e6/float64(n), m.peak/1e6, m.peak/size)
		}
	}
	return w.Flush()
}

// trial is one job of one candidate.
type trial struct {
	job
	candidate candidate
}

// inTurn runs trials, so often that a median is worth something, and returns the
// medians. Trials take turns, so that a busy moment of the machine hits all.
func (b bench) inTurn(dir string, trials []trial) ([]sample, error) {
	samples, medians := make([][]sample, len(trials)), make([]sample, len(trials))
	for range rounds {
		for i, t := range trials {
			s, err := b.run(t.candidate.command, t.job.name, dir)
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], s)
		}
	}
	for i := range trials {
		medians[i] = median(samples[i])
	}
	return medians, nil
}

// median of time and of memory, each by itself.
func median(samples []sample) sample {
	var seconds, peaks []float64
	for _, s := range samples {
		seconds, peaks = append(seconds, s.seconds), append(peaks, s.peak)
	}
	slices.Sort(seconds)
	slices.Sort(peaks)
	return sample{seconds[len(seconds)/2], peaks[len(peaks)/2]}
}

// newTable begins a Markdown table whose columns line up on a terminal too.
func newTable(columns ...string) *tabwriter.Writer {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	for _, c := range columns {
		fmt.Fprintf(w, "| %s\t", c)
	}
	fmt.Fprint(w, "|\n")
	for range columns {
		fmt.Fprint(w, "|-\t")
	}
	fmt.Fprint(w, "|\n")
	return w
}
