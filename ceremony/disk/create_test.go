package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

// testFolder returns a new folder and a function that lists all that is in it.
func testFolder(t *testing.T) (*Folder, func() []string) {
	t.Helper()
	dir := t.TempDir()
	folder, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return folder, func() []string { return tree(t, dir) }
}

// tree lists all files and folders below dir, hidden ones too.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if name != dir {
			names = append(names, strings.TrimPrefix(name, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func mustCreate(t *testing.T, f *Folder, name, content string) {
	t.Helper()
	if err := f.Create(name, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, f *Folder, name, want string) {
	t.Helper()
	got, err := f.Read(name, 1000)
	if err != nil {
		t.Error(err)
	} else if string(got) != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

func TestCreatePrivate(t *testing.T) {
	name := filepath.Join(t.TempDir(), "root-a.backup")
	if err := CreatePrivate(name, []byte("wrapped")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	if got, err := os.ReadFile(name); string(got) != "wrapped" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := CreatePrivate(name, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over it: %v", err)
	}
	if err := CreatePrivate("/nowhere/x", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nowhere: %v", err)
	}
}

func TestCreate(t *testing.T) {
	folder, all := testFolder(t)
	mustCreate(t, folder, "a/b/c.json", "one")
	wantContent(t, folder, "a/b/c.json", "one")
	if got, want := all(), []string{"a", "a/b", "a/b/c.json"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCreateRefuses(t *testing.T) {
	for _, test := range []struct{ name, path, want string }{
		{"a file that exists", "taken", "taken: file already exists; nothing is ever overwritten"},
		{"an empty file", "empty", "empty: file already exists; nothing is ever overwritten"},
		{"a folder that exists", "folder", "folder: file already exists"},
		{"a dangling link", "dangling", "dangling: file already exists"},
		{"a path through a file", "taken/below", "taken/below: not a directory"},
		{"the folder above", "../out", "../out: path escapes from parent"},
		{"a folder above within", "folder/../../out", "path escapes from parent"},
		{"an absolute path", "/tmp/out", "/tmp/out: path escapes from parent"},
		{"a link that leads out", "outside/out", "outside/out: path escapes from parent"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder, all := testFolder(t)
			outside := t.TempDir()
			mustCreate(t, folder, "taken", "old")
			mustCreate(t, folder, "folder/file", "old")
			if err := folder.root.WriteFile("empty", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for name, target := range map[string]string{"dangling": "nowhere", "outside": outside} {
				if err := folder.root.Symlink(target, name); err != nil {
					t.Fatal(err)
				}
			}
			before := all()
			err := folder.Create(test.path, []byte("new"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if hints := fault.Hints(err); test.path == "empty" && !slices.Equal(hints, []string{"empty is empty, as a crash can leave it on a file system such as exFAT; if it is yours, remove it"}) {
				t.Errorf("got the hints %q", hints)
			}
			if after := append(all(), tree(t, outside)...); !slices.Equal(before, after) {
				t.Errorf("files before %q, after %q", before, after)
			}
			wantContent(t, folder, "taken", "old")
		})
	}
}

func TestCreateFromLeavesNothingAfterAFailure(t *testing.T) {
	folder, all := testFolder(t)
	broken := errors.New("broken")
	err := folder.CreateFrom("new/folder/file", func(w io.Writer) error {
		io.WriteString(w, "half")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if got := all(); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestCreateFromLooksFirst shows that a gigabyte is not written for nothing.
func TestCreateFromLooksFirst(t *testing.T) {
	folder, _ := testFolder(t)
	mustCreate(t, folder, "file", "old")
	err := folder.CreateFrom("file", func(io.Writer) error {
		t.Error("content was made")
		return nil
	})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want %v", err, fs.ErrExist)
	}
}

func TestCreateHappensOnce(t *testing.T) {
	folder, all := testFolder(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = folder.Create("folder/file", []byte{byte('0' + i)}) })
	}
	wg.Wait()
	winners := 0
	for i, err := range errs {
		if err == nil {
			winners++
			wantContent(t, folder, "folder/file", string(rune('0'+i)))
		} else if !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
	}
	if winners != 1 {
		t.Errorf("%d of %d succeeded, want 1", winners, len(errs))
	}
	if got := all(); len(got) != 2 {
		t.Errorf("left behind: %q", got)
	}
}

func TestCreateFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "out.tar")
	write := func(content string) error {
		return CreateFile(name, func(w io.Writer) error {
			_, err := io.WriteString(w, content)
			return err
		})
	}
	if err := write("one"); err != nil {
		t.Fatal(err)
	}
	if err := write("two"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if got, _ := os.ReadFile(name); string(got) != "one" {
		t.Errorf("got %q", got)
	}
}
