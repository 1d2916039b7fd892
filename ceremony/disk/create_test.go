package disk

import (
	"crypto/sha256"
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

func TestBothWaysOfPublishing(t *testing.T) {
	folder, all := testFolder(t)
	for name, publish := range map[string]func(temp, name string) error{"rename": folder.renameFree, "link": folder.linkFree} {
		mustCreate(t, folder, "temp", name)
		if err := publish("temp", name); err != nil {
			t.Fatal(err)
		}
		wantContent(t, folder, name, name)
		mustCreate(t, folder, "temp", "other")
		if err := publish("temp", name); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v, want %v", name, err, fs.ErrExist)
		}
		wantContent(t, folder, name, name)
		folder.root.Remove("temp")
	}
	if got, want := all(), []string{"link", "rename"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReplace(t *testing.T) {
	folder, all := testFolder(t)
	mustCreate(t, folder, "timestamp.json", "one")
	old := sha256.Sum256([]byte("one"))

	if err := folder.Replace("timestamp.json", []byte("two"), sha256.Sum256([]byte("other")), "kept/1"); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("got %v, want a refusal", err)
	}
	wantContent(t, folder, "timestamp.json", "one")
	if got := all(); len(got) != 1 {
		t.Errorf("left behind: %q", got)
	}

	mustCreate(t, folder, "kept/1", "one") // as after a crash
	if err := folder.Replace("timestamp.json", []byte("two"), old, "kept/1"); err != nil {
		t.Fatal(err)
	}
	wantContent(t, folder, "timestamp.json", "two")
	wantContent(t, folder, "kept/1", "one")

	old = sha256.Sum256([]byte("two"))
	if err := folder.Replace("timestamp.json", []byte("three"), old, "kept/1"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want a refusal to overwrite what is kept", err)
	}
	wantContent(t, folder, "timestamp.json", "two")
	if got, want := all(), []string{"kept", "kept/1", "timestamp.json"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// A sparse file costs an attacker nothing, and would fill the memory.
	if err := os.Truncate(filepath.Join(folder.root.Name(), "timestamp.json"), MaxInput+1); err != nil {
		t.Fatal(err)
	}
	if err := folder.Replace("timestamp.json", nil, old, "kept/2"); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), "want at most") {
		t.Errorf("got %v, want a refusal to read that much", err)
	}
	if err := folder.Replace("absent.json", nil, old, "kept/2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
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
