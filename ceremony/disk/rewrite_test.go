package disk

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestRewrite(t *testing.T) {
	folder, all := testFolder(t)
	mustCreate(t, folder, "a/site.yaml", "old")
	if err := folder.root.Chmod("a/site.yaml", 0o640); err != nil {
		t.Fatal(err)
	}
	if err := folder.Rewrite("a/site.yaml", []byte("old"), []byte("longer")); err != nil {
		t.Fatal(err)
	}
	got, err := folder.Read("a/site.yaml", 100)
	if err != nil || string(got) != "longer" {
		t.Errorf("got %q and %v", got, err)
	}
	if info, _ := folder.root.Stat("a/site.yaml"); info.Mode().Perm() != 0o640 {
		t.Errorf("mode is %o now", info.Mode().Perm())
	}
	if got, want := all(), []string{"a", "a/site.yaml"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRewriteRefuses leaves everything as it is.
func TestRewriteRefuses(t *testing.T) {
	for want, make := range map[string]func(root *os.Root) error{
		"no such file":                                       func(*os.Root) error { return nil },
		"site.yaml was changed by somebody else":             func(root *os.Root) error { return root.WriteFile("site.yaml", []byte("new"), 0o644) },
		"site.yaml was changed by somebody else meanwhile":   func(root *os.Root) error { return root.WriteFile("site.yaml", []byte("old and more"), 0o644) },
		"site.yaml has 2 names (hard links), want one":       func(root *os.Root) error { return root.Link("other", "site.yaml") },
		"site.yaml: is a symbolic link, want a regular file": func(root *os.Root) error { return root.Symlink("other", "site.yaml") },
		"site.yaml: is a folder, want a regular file":        func(root *os.Root) error { return root.Mkdir("site.yaml", 0o755) },
	} {
		folder, all := testFolder(t)
		mustCreate(t, folder, "other", "old")
		if err := make(folder.root); err != nil {
			t.Fatal(err)
		}
		before := all()
		err := folder.Rewrite("site.yaml", []byte("old"), []byte("new"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if got := all(); !slices.Equal(got, before) {
			t.Errorf("%s: got %q, want %q", want, got, before)
		}
		if other, _ := folder.Read("other", 100); string(other) != "old" {
			t.Errorf("%s: the other file is %q", want, other)
		}
	}
}
