package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

// disks are file systems by what they lack.
var disks = map[string]func(*ops){
	"ext4":        func(*ops) {},
	"NFS":         func(o *ops) { o.renameFree = cannot(syscall.EINVAL) },
	"FAT":         func(o *ops) { o.link = cannot(syscall.EPERM) },
	"exFAT, FUSE": func(o *ops) { o.renameFree, o.link = cannot(syscall.EINVAL), cannot(syscall.EPERM) },
	"old FUSE":    func(o *ops) { o.renameFree, o.link = cannot(syscall.ENOSYS), cannot(syscall.ENOSYS) },
	"other FUSE":  func(o *ops) { o.renameFree, o.link = cannot(syscall.EOPNOTSUPP), cannot(syscall.EOPNOTSUPP) },
	"many links":  func(o *ops) { o.renameFree, o.link = cannot(syscall.EINVAL), cannot(syscall.EMLINK) },
}

func cannot(errno syscall.Errno) func(*os.Root, string, string) error {
	return func(_ *os.Root, old, new string) error {
		return &os.LinkError{Op: "link", Old: old, New: new, Err: errno}
	}
}

func TestPublish(t *testing.T) {
	for disk, lacks := range disks {
		folder, all := testFolder(t)
		lacks(&folder.ops)
		mustCreate(t, folder, "file", "one")
		mustCreate(t, folder, "empty", "")
		mustCreate(t, folder, "folder/file", "one")
		if err := folder.Create("file", []byte("two")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v, want %v", disk, err, fs.ErrExist)
		}
		for _, taken := range []string{"file", "empty", "folder"} { // also where it was taken a moment ago
			mustCreate(t, folder, "temp", "two")
			if err := folder.publish("temp", taken); !errors.Is(err, fs.ErrExist) {
				t.Errorf("%s: %s: got %v, want %v", disk, taken, err, fs.ErrExist)
			}
			wantContent(t, folder, "temp", "two")
			folder.root.Remove("temp")
		}
		wantContent(t, folder, "file", "one")
		wantContent(t, folder, "empty", "")
		wantContent(t, folder, "folder/file", "one")
		if got, want := all(), []string{"empty", "file", "folder", "folder/file"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", disk, got, want)
		}
	}
}

func TestPublishOnce(t *testing.T) {
	for disk, lacks := range disks {
		folder, all := testFolder(t)
		lacks(&folder.ops)
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() { errs[i] = folder.Create("file", fmt.Append(nil, i)) })
		}
		wg.Wait()
		winners := 0
		for i, err := range errs {
			if err == nil {
				winners++
				wantContent(t, folder, "file", fmt.Sprint(i))
			} else if !errors.Is(err, fs.ErrExist) {
				t.Errorf("%s: %v", disk, err)
			}
		}
		if winners != 1 || len(all()) != 1 {
			t.Errorf("%s: %d of %d succeeded, want 1; there are %q", disk, winners, len(errs), all())
		}
	}
}

func TestPublishDir(t *testing.T) {
	for disk, lacks := range disks {
		folder, all := testFolder(t)
		lacks(&folder.ops)
		fill := func(inside *Folder) error { return inside.UnpackFile("a/b", strings.NewReader("one")) }
		if err := folder.CreateDir("out", fill); err != nil {
			t.Fatalf("%s: %v", disk, err)
		}
		for name, make := range map[string]func() error{
			"full":  func() error { return folder.Create("full/file", []byte("old")) },
			"empty": func() error { return folder.MakeDir("empty") },
			"file":  func() error { return folder.Create("file", []byte("old")) },
		} {
			var before []string
			err := folder.CreateDir(name, func(inside *Folder) error {
				err := errors.Join(fill(inside), make()) // takes the name meanwhile
				before = slices.DeleteFunc(all(), isTemp)
				return err
			})
			if !errors.Is(err, fs.ErrExist) {
				t.Errorf("%s: %s: got %v, want %v", disk, name, err, fs.ErrExist)
			}
			if after := all(); !slices.Equal(before, after) {
				t.Errorf("%s: %s: got %q, want %q", disk, name, after, before)
			}
		}
		wantContent(t, folder, "out/a/b", "one")
	}
}

// TestClaimTakesNoOther puts a file of somebody else in the place of the one that
// claims the name, or content into it.
func TestClaimTakesNoOther(t *testing.T) {
	for what, put := range map[string]func(root *os.Root) error{
		"another file": func(root *os.Root) error {
			return errors.Join(root.Remove("file"), root.WriteFile("file", []byte("foreign"), 0o644))
		},
		"another empty file": func(root *os.Root) error { return errors.Join(root.Remove("file"), root.WriteFile("file", nil, 0o644)) },
		"a link":             func(root *os.Root) error { return errors.Join(root.Remove("file"), root.Symlink("other", "file")) },
		"content":            func(root *os.Root) error { return root.WriteFile("file", []byte("foreign"), 0o644) },
	} {
		folder, _ := testFolder(t)
		mustCreate(t, folder, "other", "")
		disks["exFAT, FUSE"](&folder.ops)
		var foreign fs.FileInfo
		folder.ops.open = func(root *os.Root, name string, flag int) (file, error) {
			opened, err := open(root, name, flag)
			if name == "file" {
				if err := put(root); err != nil {
					t.Fatal(err)
				}
				foreign, _ = root.Lstat("file")
			}
			return opened, err
		}
		if err := folder.Create("file", []byte("new")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v, want %v", what, err, fs.ErrExist)
		}
		if there, err := folder.root.Lstat("file"); err != nil || !os.SameFile(there, foreign) {
			t.Errorf("%s: it is gone: %v", what, err)
		}
		if names, _ := folder.List("."); len(names) != 2 {
			t.Errorf("%s: got %q", what, names)
		}
	}
}

// TestPublishInOneStep shows that a hard link is tried before the two steps of
// claim, and that a folder which comes between two looks is not replaced.
func TestPublishInOneStep(t *testing.T) {
	folder, all := testFolder(t)
	disks["NFS"](&folder.ops)
	folder.ops.rename = cannot(syscall.ENOTEMPTY)
	mustCreate(t, folder, "file", "one")
	if err := folder.CreateDir("out", func(*Folder) error { return nil }); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want %v", err, fs.ErrExist)
	}
	if got := all(); len(got) != 1 {
		t.Errorf("left behind: %q", got)
	}
}

// TestNoWayToPublish is a file system that lacks everything, which is then the
// reason that the error gives.
func TestNoWayToPublish(t *testing.T) {
	folder, all := testFolder(t)
	disks["exFAT, FUSE"](&folder.ops)
	folder.ops.rename = cannot(syscall.EPERM)
	for _, err := range []error{
		folder.Create("new/file", []byte("new")),
		folder.CreateDir("out", func(inside *Folder) error { return inside.UnpackFile("a", strings.NewReader("new")) }),
	} {
		if !errors.Is(err, syscall.EPERM) || !strings.Contains(err.Error(), ": a file system of type ") || strings.Contains(err.Error(), tempPrefix) {
			t.Errorf("got %v, want the type of the file system", err)
		}
	}
	if got := all(); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
	for magic, want := range map[int64]string{0x2011bab0: "exFAT", 0x4d44: "FAT", 0x65735546: "FUSE", 0x1234: "0x1234"} {
		if got := typeName(magic); got != want {
			t.Errorf("0x%x: got %s, want %s", magic, got, want)
		}
	}
}

// TestEmptyFileHint is what people see after a crash between the two steps.
func TestEmptyFileHint(t *testing.T) {
	folder, _ := testFolder(t)
	mustCreate(t, folder, "empty", "")
	mustCreate(t, folder, "full", "x")
	folder.MakeDir("folder")
	if err := syscall.Mkfifo(filepath.Join(folder.root.Name(), "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"empty": 1, "full": 0, "folder": 0, "pipe": 0} {
		err := folder.Create(name, nil)
		if hints := fault.Hints(err); !errors.Is(err, fs.ErrExist) || len(hints) != want {
			t.Errorf("%s: got %v and hints %q, want %d", name, err, hints, want)
		}
	}
}
