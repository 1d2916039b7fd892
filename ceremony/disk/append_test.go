package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

func TestOpenAppend(t *testing.T) {
	folder, all := testFolder(t)
	for _, want := range []string{"", "more", "moremore"} {
		file, err := folder.OpenAppend("a/b/log")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(file)
		if string(got) != want || err != nil {
			t.Errorf("got %q and %v, want %q", got, err, want)
		}
		file.Seek(0, io.SeekStart)
		io.WriteString(file, "more")
		file.Close()
	}
	if got, want := all(), []string{"a", "a/b", "a/b/log"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOpenAppendRefuses holds that a file with another name is not opened for
// writing: what is cut from its end would be cut from a file that was signed.
func TestOpenAppendRefuses(t *testing.T) {
	for want, link := range map[string]func(root *os.Root) error{
		"log has 2 names (hard links), want one":       func(root *os.Root) error { return root.Link("signed.json", "log") },
		"log: is a symbolic link, want a regular file": func(root *os.Root) error { return root.Symlink("signed.json", "log") },
		"log: is a symbolic link, want a regular":      func(root *os.Root) error { return root.Symlink("absent", "log") },
		"log: is a folder, want a regular file":        func(root *os.Root) error { return root.Mkdir("log", 0o755) },
	} {
		folder, all := testFolder(t)
		mustCreate(t, folder, "signed.json", "{}")
		if err := link(folder.root); err != nil {
			t.Fatal(err)
		}
		before := all()
		file, err := folder.OpenAppend("log")
		if err == nil {
			file.Close()
		}
		if fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if after := all(); !slices.Equal(before, after) {
			t.Errorf("%s: files before %q, after %q", want, before, after)
		}
		wantContent(t, folder, "signed.json", "{}")
	}
	folder, _ := testFolder(t)
	mustCreate(t, folder, "signed.json", "{}")
	opened, err := folder.Open("signed.json") // through a link that came after the first look
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if err := errors.Join(folder.root.Symlink("signed.json", "log"), folder.startAppend("log", opened)); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("got %v, want a refusal", err)
	}
	if _, err := folder.OpenAppend("../log"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want a refusal to leave the folder", err)
	}
}
