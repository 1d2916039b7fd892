package hsm

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// A seal that the kernel cannot give yet is asked for again, for as long as makes
// sense; any other answer stands.
func TestWhileBusy(t *testing.T) {
	for _, test := range []struct {
		busy  int // so many times
		then  error
		tries int
		want  error
	}{
		{0, nil, 1, nil},
		{3, nil, 4, nil},
		{3, unix.EPERM, 4, unix.EPERM},
		{1000, nil, 20, unix.EBUSY},
	} {
		tries := 0
		err := whileBusy(func() error {
			if tries++; tries <= test.busy {
				return unix.EBUSY
			}
			return test.then
		})
		if tries != test.tries || !errors.Is(err, test.want) {
			t.Errorf("busy %d times: got %v after %d tries, want %v after %d", test.busy, err, tries, test.want, test.tries)
		}
	}
}
