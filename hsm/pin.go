// Where PINs come from. Never an argument, never YAML: a source says where to
// look, and what was read lives in a byte slice that the reader wipes.

package hsm

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// maxPINBytes is more than any token takes.
const maxPINBytes = 1024

// PINSource says where a PIN comes from: "ask", "file:/path", "env:NAME" or
// "fd:N". The zero value is "ask". A descriptor gives its PIN once: keyrite keeps it,
// as it could read a file or a variable again for the next signature.
type PINSource struct {
	kind, value string
}

// ParsePINSource reads a source as it is spelled in site.yaml.
func ParsePINSource(s string) (PINSource, error) {
	kind, value, _ := strings.Cut(s, ":")
	ok := false
	switch kind {
	case "ask":
		ok = s == "ask"
	case "file":
		ok = strings.HasPrefix(value, "/")
	case "env":
		ok = value != "" && !strings.ContainsAny(value, "=\x00")
	case "fd":
		n, err := strconv.Atoi(value)
		ok = err == nil && (n == 0 || n >= 3) && n <= 1<<20
	}
	if !ok { // the text is not repeated: it may be the PIN itself
		return PINSource{}, newError("", "", ErrPINSource, "unknown source; want ask, file:/absolute/path, env:NAME or fd:N")
	}
	return PINSource{kind, value}, nil
}

// String spells the source. It never holds a PIN.
func (s PINSource) String() string {
	if s.Asks() {
		return "ask"
	}
	return s.kind + ":" + s.value
}

// Asks reports whether a person must be there to type the PIN.
func (s PINSource) Asks() bool { return s.kind == "" || s.kind == "ask" }

// Read returns the PIN; the caller wipes it. It calls ask where a person is to
// type it. One line end after the PIN is cut.
func (s PINSource) Read(ask func() ([]byte, error)) ([]byte, error) {
	if s.Asks() {
		return ask()
	}
	pin, err := s.read()
	if err != nil {
		Wipe(pin)
		return nil, newError("", "", ErrPINSource, "%s: %v", s, err)
	}
	return pin, nil
}

func (s PINSource) read() ([]byte, error) {
	switch s.kind {
	case "env":
		value, ok := os.LookupEnv(s.value)
		if !ok {
			return nil, errors.New("the variable is not set")
		}
		return trimPIN([]byte(value))
	case "fd":
		return fromDescriptors.read(s)
	}
	file, err := openPINFile(s.value)
	if err != nil {
		return nil, err
	}
	return readPIN(file)
}

// descriptors are the PINs that came through descriptors, by number. One that was
// read is closed, and its number another file's.
type descriptors struct {
	mutex sync.Mutex
	pins  map[int][]byte
}

var fromDescriptors = descriptors{pins: map[int][]byte{}}

func (d *descriptors) read(s PINSource) ([]byte, error) {
	n, err := strconv.Atoi(s.value)
	if err != nil {
		return nil, err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if _, read := d.pins[n]; !read {
		pin, err := readPIN(os.NewFile(uintptr(n), s.String()))
		if err != nil {
			return nil, err
		}
		d.pins[n] = pin
	}
	return slices.Clone(d.pins[n]), nil
}

// openPINFile opens a file that only its owner, who runs keyrite, can read. The
// checks are on the open file: the path may be changed at any time.
func openPINFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		file.Close()
		return nil, err
	}
	switch {
	case stat.Mode&unix.S_IFMT != unix.S_IFREG:
		err = errors.New("not a regular file")
	case int(stat.Uid) != os.Geteuid():
		err = fmt.Errorf("owner; got user %d, want %d", stat.Uid, os.Geteuid())
	case stat.Mode&0o7177 != 0:
		err = fmt.Errorf("mode; got %04o, want 0600 or 0400", stat.Mode&0o7777)
	default:
		return file, nil
	}
	file.Close()
	return nil, err
}

// readPIN reads and closes file, into one buffer that never grows and so leaves
// no copies behind.
func readPIN(file *os.File) ([]byte, error) {
	defer file.Close()
	buffer := make([]byte, maxPINBytes+2)
	n, err := io.ReadFull(file, buffer)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		Wipe(buffer)
		return nil, err
	}
	return trimPIN(buffer[:n])
}

// trimPIN cuts one line end and refuses what cannot be a PIN.
func trimPIN(pin []byte) ([]byte, error) {
	trimmed, _ := bytes.CutSuffix(pin, []byte("\n"))
	trimmed, _ = bytes.CutSuffix(trimmed, []byte("\r"))
	if len(trimmed) == 0 || len(trimmed) > maxPINBytes || bytes.ContainsAny(trimmed, "\x00\r\n") {
		Wipe(pin)
		return nil, fmt.Errorf("not one line of 1 to %d bytes", maxPINBytes)
	}
	return trimmed, nil
}

// Wipe overwrites a secret with zeros.
func Wipe(secret []byte) {
	clear(secret)
}
