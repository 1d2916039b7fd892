package hsm

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReexecThatIsRefused makes the kernel refuse to run the copy: Reexec returns, says
// why, and helpers start from the program itself.
func TestReexecThatIsRefused(t *testing.T) {
	args := os.Args
	t.Cleanup(func() { os.Args, notSealed = args, nil })
	if got := helperProgram(); got == selfExe {
		t.Fatalf("a helper starts from %s where a copy can be run", got)
	}
	os.Args = []string{strings.Repeat("x", 1<<20)} // more than MAX_ARG_STRLEN (execve(2))
	Reexec()
	if !errors.Is(notSealed, unix.E2BIG) {
		t.Errorf("got %v, want E2BIG", notSealed)
	}
	if got := helperProgram(); got != selfExe {
		t.Errorf("a helper starts from %s, want %s", got, selfExe)
	}
}
