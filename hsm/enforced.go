// Trust, and look: keyrite reads from the kernel what holds for a helper before it
// lets it load a module, and again before it sends a PIN.

package hsm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// enforced is what must stand in /proc/PID/task/TID/status of a helper's threads:
// proc(5).
var enforced = map[string]string{
	"NoNewPrivs": "1", "Seccomp": "2", "TracerPid": "0",
	"CapPrm": noCapabilities, "CapEff": noCapabilities, "CapAmb": noCapabilities,
}

const noCapabilities = "0000000000000000"

// checkEnforced fails unless every thread is locked in and traced by nobody. tasks
// is /proc/PID/task: seccomp and capabilities are properties of threads.
func checkEnforced(tasks string) error {
	threads, err := os.ReadDir(tasks)
	if err != nil {
		return fmt.Errorf("cannot see what holds for the helper: %w", err)
	}
	for _, thread := range threads {
		err := checkStatus(filepath.Join(tasks, thread.Name(), "status"), enforced)
		ended := errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH)
		if err != nil && !ended {
			return err
		}
	}
	return nil
}

// checkUntraced fails when a process traces this one, and so sees what is typed.
func checkUntraced() error {
	return checkStatus("/proc/self/status", map[string]string{"TracerPid": "0"})
}

// checkStatus compares fields of a status file with what they must be.
func checkStatus(path string, want map[string]string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		wanted, asked := want[name]
		if !asked {
			continue
		}
		found++
		if got := strings.TrimSpace(value); got != wanted {
			return fmt.Errorf("process %s: %s is %s, want %s", filepath.Base(filepath.Dir(path)), name, got, wanted)
		}
	}
	if found != len(want) {
		return fmt.Errorf("%s: not the fields of this kernel; got %d, want %d", path, found, len(want))
	}
	return nil
}
