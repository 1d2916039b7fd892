// Package candidate is what the measured programs written in Go share: the
// files that the bench lays out, the clock and the memory.
//
// A candidate is called as `CANDIDATE verify|canonicalise|sign DIR`. It reads the files, does
// one job on the bytes in memory and prints the seconds that this took and the
// largest memory of the process so far, in bytes.
package candidate

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Input is what a candidate works on.
type Input struct {
	Root    []byte // trusted root metadata
	Targets []byte // targets metadata, signed by both keys
	Keys    [2]ed25519.PrivateKey
}

// Job prepares what is not measured and returns the rest.
type Job func(Input) (func() error, error)

// Jobs are what is measured, by the names of the command line:
//
//	verify        parse, verify two signatures
//	canonicalise  turn the parsed metadata into the bytes to sign
//	sign          canonicalise, sign twice, write the file
type Jobs map[string]Job

// Run does the job that the command line names.
func Run(jobs Jobs) error {
	in, err := read(os.Args[2])
	if err != nil {
		return err
	}
	job, err := jobs[os.Args[1]](in)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := job(); err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	peak, err := peakMemory()
	fmt.Println(seconds, peak)
	return err
}

func read(dir string) (in Input, err error) {
	if in.Root, err = os.ReadFile(filepath.Join(dir, "root.json")); err != nil {
		return in, err
	}
	if in.Targets, err = os.ReadFile(filepath.Join(dir, "targets.json")); err != nil {
		return in, err
	}
	seeds, err := os.ReadFile(filepath.Join(dir, "seeds.txt"))
	if err != nil {
		return in, err
	}
	for i, line := range strings.Fields(string(seeds)) {
		seed, err := hex.DecodeString(line)
		if err != nil {
			return in, err
		}
		in.Keys[i] = ed25519.NewKeyFromSeed(seed)
	}
	return in, nil
}

var highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// peakMemory is the high-water mark of the process's resident memory, in bytes.
func peakMemory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("/proc/self/status: no VmHWM")
	}
	kib, err := strconv.ParseInt(string(found[1]), 10, 64)
	return kib << 10, err
}
