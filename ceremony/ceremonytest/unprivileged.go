package ceremonytest

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// nobody is a user who owns nothing.
const nobody = 65534

// Unprivileged does something as a user whom the modes of files hold back, whoever runs
// the tests: this thread of root opens files as nobody does.
func Unprivileged(t testing.TB, do func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		do()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, set := range []int{nobody, 0} {
		if err := unix.Setfsuid(set); err != nil {
			t.Fatal(err)
		}
		if set == nobody {
			do()
		}
	}
}
