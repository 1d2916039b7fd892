package preflight

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/hsm"
	"golang.org/x/sys/unix"
)

// own says what this program is, to be compared with the paper.
func (r *Report) own(build string) {
	r.Build = build
	program, err := hsm.OpenProgram()
	if err == nil {
		defer program.Close()
		r.Program, err = hashOf(program)
	}
	switch {
	case err != nil:
		r.fail(CheckBuild, "", "keyrite cannot read its own program: %v", err)
	case strings.HasSuffix(build, modified):
		r.warn(CheckBuild, "", "keyrite %s: built from source that was changed after that commit, SHA-256 %s", build, r.Program)
	default:
		r.pass(CheckBuild, "", "keyrite %s, SHA-256 %s: compare it with the paper", build, r.Program)
	}
}

func hashOf(from io.Reader) (sum digest.SHA256, err error) {
	h := sha256.New()
	_, err = io.Copy(h, from)
	return digest.SHA256(h.Sum(nil)), err
}

// modified ends the name of a build whose source was changed after its commit.
const modified = ", modified"

// protection is a measure of this process in the words of a line. A memory that is
// not locked is harmless as long as nothing is swapped out.
func (r *Report) protection(p hsm.Protection, swapOff bool) {
	check, good, bad := inWords(p.Name)
	switch {
	case p.Active:
		r.pass(check, "", "%s%s", good, behind(p.Detail))
	case check == CheckMemoryLock && swapOff:
		r.warn(check, "", "%s if somebody turns swap on%s", bad, behind(p.Detail))
	default:
		r.fail(check, "", "%s%s", bad, behind(p.Detail))
	}
}

func inWords(measure string) (check, good, bad string) {
	switch measure {
	case hsm.CoreDumpsOff:
		return CheckCoreDumps, "a crash of keyrite leaves no core dump", "a crash of keyrite may leave a core dump with secrets"
	case hsm.MemoryHidden:
		return CheckMemory, "no other process may read the memory of keyrite", "other processes may read the memory of keyrite"
	case hsm.MemoryLocked:
		return CheckMemoryLock, "the memory of keyrite stays out of swap", "the memory of keyrite may get into swap"
	case hsm.NetworkRefused:
		return CheckOwnNetwork, "keyrite itself can open no network connection", "keyrite itself could open network connections"
	}
	return CheckMemory, measure, "not in force: " + measure
}

// behind is a detail behind a colon, if there is one.
func behind(detail string) string {
	if detail == "" {
		return ""
	}
	return ": " + detail
}

// airGap looks for interfaces that are up, loopback apart, and for routes.
func (r *Report) airGap(interfaces, routes string) {
	links, err := os.ReadDir(interfaces)
	up := 0
	for _, link := range links {
		state, readErr := os.ReadFile(filepath.Join(interfaces, link.Name(), "operstate"))
		if link.Name() != "lo" && (readErr != nil || strings.TrimSpace(string(state)) != "down") {
			r.fail(CheckNetwork, link.Name(), "network interface %s is up", link.Name())
			up++
		}
	}
	switch {
	case err != nil:
		r.fail(CheckNetwork, "", "network interfaces cannot be listed: %v", err)
	case up == 0:
		r.pass(CheckNetwork, "", "no network interface is up")
	}
	switch entries, err := tableOf(routes); {
	case err != nil:
		r.fail(CheckRoute, "", "routes cannot be listed: %v", err)
	case len(entries) > 0:
		r.fail(CheckRoute, entries[0], "a route leads out over %s", entries[0])
	default:
		r.pass(CheckRoute, "", "no route leads out")
	}
}

func (r *Report) swap(name string) {
	switch entries, err := tableOf(name); {
	case err != nil:
		r.fail(CheckSwap, "", "swap cannot be looked at: %v", err)
	case len(entries) > 0:
		r.fail(CheckSwap, entries[0], "swap is on: %s", strings.Join(entries, ", "))
	default:
		r.pass(CheckSwap, "", "swap is off")
	}
}

func swapIsOff(name string) bool {
	entries, err := tableOf(name)
	return err == nil && len(entries) == 0
}

// tableOf is the first column of a table of the kernel, without its heading.
func tableOf(name string) (entries []string, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for _, line := range lines[1:] {
		entries = append(entries, strings.Fields(line + " ?")[0])
	}
	return entries, nil
}

// spare is the room that results, transcripts and papers may need, in bytes.
const spare = 64 << 20

// folder is where results go.
func (r *Report) folder(dir string) {
	var s unix.Statfs_t
	err := unix.Access(dir, unix.W_OK|unix.X_OK)
	if err == nil {
		err = unix.Statfs(dir, &s)
	}
	if err != nil {
		r.fail(CheckFolder, "", "results cannot be written to %s: %v", dir, err)
		return
	}
	r.space(dir, s)
}

// space judges what a file system says of itself. Some, through FUSE, say nothing.
func (r *Report) space(dir string, s unix.Statfs_t) {
	free := s.Bavail * uint64(s.Bsize)
	switch {
	case s.Blocks == 0:
		r.warn(CheckFolder, "", "the file system of %s does not tell how much room is left, want %s", dir, mebibytes(spare))
	case free < spare:
		r.fail(CheckFolder, "", "%s has %s of room left, want %s", dir, mebibytes(free), mebibytes(spare))
	default:
		r.pass(CheckFolder, "", "results can be written to %s, which has %s of room left", dir, mebibytes(free))
	}
}

func mebibytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }

// The smallest screen that shows a whole card.
const minWidth, minHeight = 80, 24

func (r *Report) terminal(s *Size) {
	switch {
	case s == nil:
	case s.Width == 0 || s.Height == 0:
		r.warn(CheckTerminal, "", "the terminal does not tell its size; it needs %d columns and %d lines", minWidth, minHeight)
	case s.Width < minWidth || s.Height < minHeight:
		r.warn(CheckTerminal, "", "the terminal has %d columns and %d lines; with fewer than %d and %d, what people consent to scrolls away", s.Width, s.Height, minWidth, minHeight)
	default:
		r.pass(CheckTerminal, "", "the terminal has %d columns and %d lines", s.Width, s.Height)
	}
}
