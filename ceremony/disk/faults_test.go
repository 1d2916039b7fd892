package disk

import (
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// badFile is a file on a disk that fails. A nil field does what a file does.
type badFile struct {
	file
	write         func(p []byte) (int, error)
	readAt        func(p []byte, off int64) (int, error)
	syncs, closes error
}

func (b *badFile) Write(p []byte) (int, error) {
	if b.write == nil {
		return b.file.Write(p)
	}
	return b.write(p)
}

func (b *badFile) ReadAt(p []byte, off int64) (int, error) {
	if b.readAt == nil {
		return b.file.ReadAt(p, off)
	}
	return b.readAt(p, off)
}

func (b *badFile) Sync() error { return errors.Join(b.syncs, b.file.Sync()) }

func (b *badFile) Close() error { return errors.Join(b.closes, b.file.Close()) }

// failing makes the open files for which is holds fail. They are those that are
// written, and folders.
func failing(f *Folder, is func(name string) bool, make func(good file) *badFile) {
	f.ops.open = func(root *os.Root, name string, flag int) (file, error) {
		good, err := open(root, name, flag)
		if err != nil || !is(name) {
			return good, err
		}
		bad := make(good)
		bad.file = good
		return bad, nil
	}
}

func isTemp(name string) bool { return strings.Contains(name, tempPrefix) }

// faults are those of one file that is written.
var faults = map[string]func(good file) *badFile{
	"the disk is full": func(good file) *badFile {
		return &badFile{write: func(p []byte) (int, error) {
			n, _ := good.Write(p[:len(p)/2])
			return n, syscall.ENOSPC
		}}
	},
	"a part is lost": func(good file) *badFile {
		return &badFile{write: func(p []byte) (int, error) {
			good.Write(p[:len(p)/2])
			return len(p), nil
		}}
	},
	"a bit is lost": func(good file) *badFile {
		return &badFile{write: func(p []byte) (int, error) {
			p = slices.Clone(p)
			p[0] ^= 1
			return good.Write(p)
		}}
	},
	"more is there": func(good file) *badFile {
		return &badFile{write: func(p []byte) (int, error) {
			good.Write(p)
			good.Write([]byte("x"))
			return len(p), nil
		}}
	},
	"reading fails": func(file) *badFile {
		return &badFile{readAt: func([]byte, int64) (int, error) { return 0, syscall.EIO }}
	},
	"fsync fails": func(file) *badFile { return &badFile{syncs: syscall.EIO} },
	"close fails": func(file) *badFile { return &badFile{closes: syscall.EIO} },
}

// TestFaults demands of each way of writing that a fault is an error which names
// the file, and that everything is as it was.
func TestFaults(t *testing.T) {
	ways := map[string]func(f *Folder, l *Layout) error{
		"create":    func(f *Folder, _ *Layout) error { return f.Create("new/folder/file", []byte("new")) },
		"overwrite": func(_ *Folder, l *Layout) error { return l.Overwrite("timestamp.json", []byte("new")) },
		"replace": func(_ *Folder, l *Layout) error {
			return l.Replace("timestamp.json", []byte("new"), sha256.Sum256([]byte("old")), "kept/1")
		},
	}
	for way, do := range ways {
		for what, fault := range faults {
			t.Run(way+" "+what, func(t *testing.T) {
				folder, layout, all := testLayout(t)
				mustCreate(t, folder, "timestamp.json", "old")
				failing(folder, isTemp, fault)
				wantFault(t, do(folder, layout))
				wantContent(t, folder, "timestamp.json", "old")
				if got := all(); len(got) != 1 {
					t.Errorf("left behind: %q", got)
				}
			})
		}
	}
}

func wantFault(t *testing.T, err error) {
	t.Helper()
	var errno syscall.Errno
	if err == nil || !errors.As(err, &errno) && !strings.Contains(err.Error(), "does not read back as it was written") {
		t.Errorf("got %v, want a fault of the disk", err)
		return
	}
	if text := err.Error(); strings.Contains(text, tempPrefix) || !strings.HasPrefix(text, "new/folder/file: ") && !strings.HasPrefix(text, "timestamp.json: ") && !strings.HasPrefix(text, "kept/1: ") {
		t.Errorf("got %q, want the name of the file", text)
	}
}

// TestFolderFaults makes the fsync of each folder on the way fail: the new name
// may be gone after a crash, so it must not be there before one.
func TestFolderFaults(t *testing.T) {
	for _, dir := range []string{"new/folder", "new", "."} {
		folder, layout, all := testLayout(t)
		mustCreate(t, folder, "timestamp.json", "old")
		failing(folder, func(name string) bool { return name == dir }, func(file) *badFile { return &badFile{syncs: syscall.EIO} })
		if err := folder.Create("new/folder/file", []byte("new")); !errors.Is(err, syscall.EIO) || !strings.HasPrefix(err.Error(), "new/folder/file: "+dir+": ") {
			t.Errorf("%s: got %v, want a fault of the disk", dir, err)
		}
		if got := all(); len(got) != 1 {
			t.Errorf("%s: left behind: %q", dir, got)
		}
		if err := layout.Overwrite("timestamp.json", []byte("new")); dir == "." && !errors.Is(err, syscall.EIO) {
			t.Errorf("overwrite: got %v, want a fault of the disk", err)
		}
		if _, err := folder.OpenAppend("new/folder/file"); !errors.Is(err, syscall.EIO) {
			t.Errorf("append, %s: got %v, want a fault of the disk", dir, err)
		}
	}
}

// TestFolderFaultTakesNoOther puts a file of somebody else under the name before
// that is taken back.
func TestFolderFaultTakesNoOther(t *testing.T) {
	folder, _ := testFolder(t)
	folder.ops.open = func(root *os.Root, name string, flag int) (file, error) {
		opened, err := open(root, name, flag)
		if name == "." {
			err = errors.Join(err, root.Rename("file", "mine"), root.WriteFile("file", []byte("foreign"), 0o644))
			opened = &badFile{file: opened, syncs: syscall.EIO}
		}
		return opened, err
	}
	if err := folder.Create("file", []byte("new")); !errors.Is(err, syscall.EIO) {
		t.Errorf("got %v, want a fault of the disk", err)
	}
	wantContent(t, folder, "file", "foreign")
}

// TestNameFaults makes the step fail that gives a finished file its name.
func TestNameFaults(t *testing.T) {
	folder, layout, all := testLayout(t)
	mustCreate(t, folder, "timestamp.json", "old")
	folder.ops.renameFree = func(*os.Root, string, string) error { return syscall.EIO }
	folder.ops.rename = folder.ops.renameFree
	wantFault(t, folder.Create("new/folder/file", []byte("new")))
	wantFault(t, layout.Overwrite("timestamp.json", []byte("new")))
	wantContent(t, folder, "timestamp.json", "old")
	if got := all(); len(got) != 1 {
		t.Errorf("left behind: %q", got)
	}
}

// TestCreateDirFaults does the same for a folder with all that is in it.
func TestCreateDirFaults(t *testing.T) {
	for what, fault := range map[string]func(*Folder){
		"the fsync of all":        func(f *Folder) { f.ops.syncAll = func(*os.Root) error { return syscall.EIO } },
		"the name":                func(f *Folder) { f.ops.renameFree = func(*os.Root, string, string) error { return syscall.EIO } },
		"the fsync of the folder": func(f *Folder) { failing(f, func(name string) bool { return name == "." }, faults["fsync fails"]) },
	} {
		folder, all := testFolder(t)
		fault(folder)
		err := folder.CreateDir("out", func(inside *Folder) error { return inside.UnpackFile("a/b", strings.NewReader("new")) })
		if !errors.Is(err, syscall.EIO) || strings.Contains(err.Error(), tempPrefix) {
			t.Errorf("%s: got %v, want a fault of the disk", what, err)
		}
		if got := all(); len(got) != 0 {
			t.Errorf("%s: left behind: %q", what, got)
		}
	}
}

// TestTempIsNew writes into no file that is there already, whoever guessed its name.
func TestTempIsNew(t *testing.T) {
	folder, _ := testFolder(t)
	folder.ops.open = func(root *os.Root, name string, flag int) (file, error) {
		if isTemp(name) {
			if err := root.WriteFile(name, []byte("foreign"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return open(root, name, flag)
	}
	if err := folder.Create("file", []byte("new")); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v, want that the temporary file is there", err)
	}
}

// TestOthersErrors shows that what goes wrong while content is made keeps its own
// name and is not put down to the disk.
func TestOthersErrors(t *testing.T) {
	folder, _ := testFolder(t)
	_, cause := os.Open("/nowhere/image.bin")
	err := folder.CreateFrom("file", func(io.Writer) error { return cause })
	if err != cause {
		t.Errorf("got %v, want %v", err, cause)
	}
}
