package images

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/strict"
	"golang.org/x/sys/unix"
)

// Memory has the hashes of files that were read before, so that hashing which was
// interrupted, or is done again, does not read what did not change.
//
// Whoever has the disk could write into it that a file has other hashes than it has.
// So it lies among the user's own files, where neither a stick nor a workspace brings
// it, and only what makes a list for people believes it: a list can be edited anyway,
// and bundle and verify read every image. What is signed unattended is always read.
//
// What is hashed together has one of its own, so that hashing one image does not read what
// is known of a million others.
type Memory struct {
	mu       sync.Mutex
	file     *os.File
	known    map[string]memoryLine // by path
	now      func() time.Time
	recalled int
}

// fileState is all that tells of a file without reading it. The time of its last change
// cannot be set, unlike that of its content.
type fileState struct {
	Path     string `json:"path"` // absolute
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // content, nanoseconds since 1970
	Changed  int64  `json:"changed"`  // content, mode, owner or name
	Inode    uint64 `json:"inode"`
	Device   uint64 `json:"device"`
}

type remembered struct {
	SHA256 sha256Hex `json:"sha256"`
	SHA512 Sha512Hex `json:"sha512"`
}

const (
	maxMemory = 512 << 20 // of its file, in bytes: a million images; then it begins anew
	maxStale  = 1000      // lines about files as they were, beside as many as there are others
	forgotten = 90 * 24 * time.Hour
	maxRecord = 64 << 10        // of one line, in bytes
	settled   = 2 * time.Second // a file that changed this lately may change again under the same time
)

// OpenMemory opens the memory of what is hashed together, which are folders or files, in a
// folder of the user's own, and makes it. Those that nobody has opened for three months go.
func OpenMemory(dir string, of []string) (*Memory, error) {
	dir = filepath.Join(dir, "hashes")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, disk.PathError(dir, err)
	}
	forget(dir)
	id := sha256.New()
	for _, name := range of {
		absolute, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(id, "%s\x00", absolute)
	}
	name := filepath.Join(dir, hex.EncodeToString(id.Sum(nil))+".jsonl")
	file, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, disk.PathError(name, err)
	}
	m := &Memory{file: file, known: map[string]memoryLine{}, now: time.Now}
	if err := m.load(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// forget removes the memories that nobody has opened for long: opening one writes to it.
func forget(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > forgotten {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// load reads what is remembered. A line that is none was torn by a crash.
func (m *Memory) load() error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(m.file.Fd()), &stat); err != nil {
		return err
	}
	switch {
	case stat.Mode&unix.S_IFMT != unix.S_IFREG || int(stat.Uid) != os.Geteuid() || stat.Mode&0o077 != 0:
		return errors.New("want a file that is the user's own and nobody else's to write")
	case stat.Size > maxMemory:
		return m.file.Truncate(0)
	}
	count := 0
	lines := bufio.NewScanner(m.file)
	lines.Buffer(nil, maxRecord)
	for ; lines.Scan(); count++ {
		var line memoryLine
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			m.known[line.Path] = line
		}
	}
	if lines.Err() != nil {
		clear(m.known)
		return m.file.Truncate(0)
	}
	if count > 2*len(m.known)+maxStale {
		return m.tidy()
	}
	_, err := m.file.Write([]byte("\n")) // ends a torn line
	return err
}

// tidy leaves out what was known of files before they changed.
func (m *Memory) tidy() error {
	if err := m.file.Truncate(0); err != nil {
		return err
	}
	var b bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(m.known)) {
		line, err := strict.JSON(m.known[path])
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	_, err := b.WriteTo(m.file)
	return err
}

type memoryLine struct {
	fileState
	remembered
}

// recall sets the hashes of an image whose file is as it was when it was read.
func (m *Memory) recall(image *Image, state fileState) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.known[state.Path]
	if !ok || known.fileState != state {
		return false
	}
	image.SHA256, image.SHA512 = known.SHA256, &known.SHA512
	m.recalled++
	return true
}

// keep remembers an image that was read. That it cannot be written down costs a second
// reading, and no more.
func (m *Memory) keep(image *Image, state fileState) {
	if m == nil || m.now().UnixNano()-max(state.Modified, state.Changed) < int64(settled) {
		return
	}
	line, err := strict.JSON(memoryLine{state, remembered{image.SHA256, *image.SHA512}})
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _ = m.file.Write(append(line, '\n'))
}

// Recalled is how many images were not read again.
func (m *Memory) Recalled() int {
	if m == nil {
		return 0
	}
	return m.recalled
}

// Close releases the file.
func (m *Memory) Close() error {
	if m == nil {
		return nil
	}
	return m.file.Close()
}

// stateOf is that of an open file.
func stateOf(file *os.File) (fileState, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &stat); err != nil {
		return fileState{}, err
	}
	name, err := filepath.Abs(file.Name())
	if err != nil {
		return fileState{}, err
	}
	return fileState{name, stat.Size, stat.Mtim.Nano(), stat.Ctim.Nano(), stat.Ino, uint64(stat.Dev)}, nil
}
