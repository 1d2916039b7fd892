package release

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"golang.org/x/sys/unix"
)

// TestPastIsReadOnce releases beside ceremonies of the past and counts what is opened of
// them: of those that made no file which is still signed, what it takes to read the last
// line of a transcript once.
func TestPastIsReadOnce(t *testing.T) {
	l := newLine(t)
	for i := range 4 {
		if _, err := l.release(t.Context(), fmt.Sprintf("%d.bin", i)); err != nil {
			t.Fatal(err)
		}
	}
	before := descriptors(t)
	dir := filepath.Join(l.dir, "ceremonies")
	watch := watchOpens(t, dir)
	if _, err := ceremonies.Over(ceremonytest.Open(t, l.dir), "2026-11-23-image-3"); err != nil {
		t.Fatal(err)
	}
	once := watch()["2026-11-23-image-3"]
	watch = watchOpens(t, dir)
	if _, err := l.release(t.Context(), "counted.bin"); err != nil {
		t.Fatal(err)
	}
	opened := watch()
	for i := 3; i <= 4; i++ { // the second has kept the first one's timestamp, for its evidence
		if name := fmt.Sprintf("2026-11-23-image-%d", i); opened[name] != once || once == 0 {
			t.Errorf("%s was opened %d times, want %d", name, opened[name], once)
		}
	}
	if opened["2026-11-23-image-1"] <= once {
		t.Errorf("the first root's ceremony was not read, which is in the bundle's evidence: %v", opened)
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors are open after it, %d before", after, before)
	}
}

// descriptors are those that this process has open, without those of workspaces, which a
// test closes at its end.
func descriptors(t *testing.T) (count int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if to, _ := os.Readlink("/proc/self/fd/" + e.Name()); strings.Contains(to, "/image") || strings.Contains(to, "ceremonies") {
			count++
		}
	}
	return count
}

// watchOpens counts the files and folders that are opened below those in dir, by the
// name there, until the returned function is called.
func watchOpens(t *testing.T, dir string) func() map[string]int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	owners := map[int32]string{}
	err = filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		watch, err := unix.InotifyAddWatch(fd, name, unix.IN_OPEN)
		relative, _ := filepath.Rel(dir, name)
		owners[int32(watch)], _, _ = strings.Cut(relative, "/")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 1<<20)
	_, _ = unix.Read(fd, buffer) // what the walk itself has opened
	return func() map[string]int {
		defer unix.Close(fd)
		opened := map[string]int{}
		n, err := unix.Read(fd, buffer)
		if err != nil && err != unix.EAGAIN {
			t.Fatal(err)
		}
		for at := 0; at+unix.SizeofInotifyEvent <= n; {
			event := (*unix.InotifyEvent)(unsafe.Pointer(&buffer[at]))
			opened[owners[event.Wd]]++
			at += unix.SizeofInotifyEvent + int(event.Len)
		}
		return opened
	}
}
