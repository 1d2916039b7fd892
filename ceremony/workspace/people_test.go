package workspace

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

func TestParseNames(t *testing.T) {
	n, err := ParseNames("people.yaml", []byte("version: 1\npeople:\n  - {part: administrator, name: Ada Lovelace}\n  - {part: crypto officer 1, name: Ben}\n"))
	if err != nil || len(n.People) != 2 || n.People[1] != (Named{"crypto officer 1", "Ben"}) {
		t.Errorf("got %+v, %v", n, err)
	}
	for text, want := range map[string]string{
		"version: 2\npeople: []\n":                            "people.yaml:1: version is 2, want 1",
		"version: 1\npeople: [{part: x}]\n":                   "people[0].name is missing",
		"version: 1\npeople: [{name: x}]\n":                   "people[0].part is missing",
		"version: 1\npeople: [{part: x, name: \"a\\nb\"}]\n":  "want one line of at most 200 characters",
		"version: 1\npeople: [{part: x, name: y, pin: 12}]\n": "pin",
		"version: 1\npeople: x\n":                             "people",
	} {
		if _, err := ParseNames("people.yaml", []byte(text)); fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// FuzzParseNames reads whatever a disk holds, and takes only names that people can
// be called.
func FuzzParseNames(f *testing.F) {
	f.Add([]byte("version: 1\npeople:\n  - {part: administrator, name: Ada Lovelace}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := ParseNames("people.yaml", data)
		if err != nil {
			return
		}
		for _, p := range n.People {
			if p.Name == "" || strings.ContainsRune(p.Name, '\n') {
				t.Errorf("%q is a name", p.Name)
			}
		}
	})
}
