package disk

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

func TestNames(t *testing.T) {
	for _, name := range []string{"a", "root-a", "image", "console", "con-1", "com10", "aux1", "officer-1", strings.Repeat("a", 32)} {
		if !Names.MatchString(name) {
			t.Errorf("%q: refused", name)
		}
	}
	for _, name := range []string{"", "1a", "-a", "A", "a.b", "a ", "a_b", "con", "prn", "aux", "nul", "com1", "lpt9", strings.Repeat("a", 33), "a\n"} {
		if Names.MatchString(name) {
			t.Errorf("%q: accepted", name)
		}
	}
}

// TestOtherDisks holds each way of making a file to names that every disk takes.
func TestOtherDisks(t *testing.T) {
	for _, name := range []string{"con", "a/nul.json", "AUX/a", "a./b", "a/b.", "a /b"} {
		folder, layout, all := testLayout(t)
		layout.fixes = func(string) bool { return true }
		mustCreate(t, folder, "from", "x")
		_, appendErr := folder.OpenAppend(name)
		for what, err := range map[string]error{
			"create":     folder.Create(name, nil),
			"overwrite":  layout.Overwrite(name, nil),
			"append":     appendErr,
			"create dir": folder.CreateDir(name, func(*Folder) error { return nil }),
			"make dir":   folder.MakeDir(name),
			"unpack":     folder.UnpackFile(name, strings.NewReader("")),
			"link":       folder.LinkOrCopy("from", name),
		} {
			if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "Windows") {
				t.Errorf("%s %q: got %v", what, name, err)
			}
		}
		if got := all(); len(got) != 1 {
			t.Errorf("left behind: %q", got)
		}
	}
	folder, _ := testFolder(t)
	for _, name := range []string{"console/a.con", "./a", "größe.bin", "a b.bin"} {
		if err := folder.Create(name, nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
