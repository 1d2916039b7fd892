// What keyrite and its helpers do to themselves so that secrets stay where they
// are: best effort, and reported line by line so that people know.

package hsm

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Protection is one measure and whether it took effect.
type Protection struct {
	Name   string `json:"name"`   // such as "core dumps off"
	Active bool   `json:"active"` // whether it took effect
	Detail string `json:"detail"` // why not, or how far
}

// Names of measures that others speak of.
const (
	CoreDumpsOff   = "core dumps off"
	MemoryHidden   = "memory not readable by other processes"
	MemoryLocked   = "memory locked"
	NetworkRefused = "network refused (seccomp)"

	protectsRoot  = "root of its own"
	protectsFiles = "files restricted (landlock)"
)

// Harden turns off core dumps, forbids other processes of the same user to look
// into this one, and locks memory where the limit allows it. Helpers do it by
// themselves; keyrite does it first thing. It cannot be undone.
func Harden() []Protection {
	return []Protection{
		protection(CoreDumpsOff, unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})),
		protection(MemoryHidden, hideMemory()),
		protection(MemoryLocked, lockMemory()),
	}
}

func protection(name string, err error) Protection {
	if err != nil {
		return Protection{Name: name, Detail: err.Error()}
	}
	return Protection{Name: name, Active: true}
}

// hideMemory says whether the memory was hidden from other processes of this user
// all along: see Reexec. From now on it is in any case.
func hideMemory() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil || isSealed() {
		return err
	}
	return errors.New("hidden only since it has started, which is too late for who looked before; " +
		"it could not start from a copy in memory: is vm.memfd_noexec set?")
}

// lockMemory keeps pages out of swap as they are touched. With a finite limit
// that cannot be raised it does nothing: Go cannot go on when a new page cannot
// be locked.
func lockMemory() error {
	unlimited := &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, unlimited); err != nil {
		return fmt.Errorf("the limit of locked memory is too low, want unlimited (ulimit -l): %w", err)
	}
	return unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT)
}
