package strict

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/policies"
)

type yamlSample struct {
	Source `yaml:"-"`

	Version int                 `yaml:"version"`
	Name    string              `yaml:"name"`
	Ready   bool                `yaml:"ready,omitempty"`
	Roles   map[string]yamlRole `yaml:"roles,omitempty"`
	List    []string            `yaml:"list,omitempty"`
	Deep    *yamlRole           `yaml:"deep,omitempty"`
	Life    policies.Lifetime   `yaml:"life,omitempty"`
}

type yamlRole struct {
	Threshold int `yaml:"threshold"`
}

const yamlGood = `version: 1
name: "no"
ready: true
roles:
  root: {threshold: 2}
  alpha: {threshold: 1}
list: [one, 12e4]
life: 36h
`

func TestDecodeYAML(t *testing.T) {
	var got yamlSample
	if err := Decode("x.yaml", []byte(yamlGood), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "no" || !got.Ready || got.Roles["root"].Threshold != 2 || got.List[1] != "12e4" {
		t.Errorf("got %+v", got)
	}
	if names := got.NamesIn("roles"); len(names) != 2 || names[0] != "root" {
		t.Errorf("order of the file is lost: %q", names)
	}
	err := got.Errorf(fault.Refused, "roles.root.threshold", "is %d", 2)
	if want := "x.yaml:5: roles.root.threshold is 2"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if err := got.Errorf(fault.Usage, "roles.alpha.expires[3]", "is missing"); !strings.HasPrefix(err.Error(), "x.yaml:6:") {
		t.Errorf("a missing field is not reported at the one around it: %q", err)
	}
}

func TestDecodeYAMLRefuses(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"unknown field", "version: 1\nname: a\nroles:\n  root:\n    treshold: 2\n    threshold: 2\n", "x.yaml:5: roles.root.treshold is not a field; want one of threshold"},
		{"repeated field", "version: 1\nname: a\nname: b\n", "x.yaml:3: name is there twice"},
		{"repeated name", "version: 1\nname: a\nroles: {r: {threshold: 1}, r: {threshold: 2}}\n", "x.yaml:3: roles.r is there twice"},
		{"missing field", "name: a\n", "x.yaml:1: version is missing"},
		{"empty field", "version: 1\nname:\n", "x.yaml:2: name is empty"},
		{"text for a number", "version: \"1\"\nname: a\n", "x.yaml:1: version is \"1\", want a whole number"},
		{"octal", "version: 010\nname: a\n", "want a whole number"},
		{"float", "version: 1.0\nname: a\n", "want a whole number"},
		{"overflow", "version: 9223372036854775808\nname: a\n", "want a whole number"},
		{"yes for true", "version: 1\nname: a\nready: yes\n", "x.yaml:3: ready is \"yes\", want true or false"},
		{"list for text", "version: 1\nname: [a]\n", "name is a list, want a single value"},
		{"text for a list", "version: 1\nname: a\nlist: b\n", "list is \"b\", want a list"},
		{"text for a mapping", "version: 1\nname: a\nroles: b\n", "roles is \"b\", want fields"},
		{"bad duration", "version: 1\nname: a\nlife: 3y\n", "x.yaml:3: life is \"3y\""},
		{"anchor", "version: &a 1\nname: a\n", "x.yaml:1: version uses an anchor or alias"},
		{"alias", "version: 1\nname: &a b\nlist: [*a]\n", "list[0] uses an anchor or alias"},
		{"anchor on a name", "version: 1\n&a name: a\n", "name uses an anchor or alias"},
		{"merge", "version: 1\nname: a\n<<: {ready: true}\n", "x.yaml:3: << is a merge"},
		{"tag", "version: 1\nname: !!binary aGVsbG8=\n", "name has the tag !!binary"},
		{"two documents", yamlGood + "---\nversion: 2\n", "want one YAML document"},
		{"empty second document", yamlGood + "---\n", "want one YAML document"},
		{"list at the top", "- 1\n", "x.yaml:1: is a list, want fields"},
		{"empty", "", "x.yaml:1: there is nothing in it"},
		{"only a comment", "# nothing\n", "x.yaml:1: there is nothing in it"},
		{"not YAML", "version: 1\nname: [a\n", "has a [ that is not closed, or a value that needs quotes (did not find expected"},
		{"not UTF-8", "version: 1\nname: \xff\n", "x.yaml:2: invalid UTF-8"},
		{"byte order mark", "\ufeffversion: 1\n", "x.yaml:1: has a byte order mark (U+FEFF)"},
		{"reversed text", "version: 1\nname: a # \u202e\n", "x.yaml:2: has the character U+202E"},
		{"hidden line break", "version: 1\n# old\u2028name: a\n", "x.yaml:2: has the character U+2028"},
		{"delete", "version: 1\n# a\x7f\n", "x.yaml:2: has the character U+007F"},
		{"lone carriage return", "version: 1\n# old\rname: a\n", "x.yaml:2: has a carriage return without a line feed (U+000D)"},
		{"escaped control character", "version: 1\nname: \"a\\eb\"\n", "x.yaml:2: name contains the character U+001B"},
		{"too large", strings.Repeat("#", MaxBytes+1), "want at most 1048576"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Decode("x.yaml", []byte(test.data), new(yamlSample))
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("got code %d, want %d", fault.CodeOf(err), fault.Usage)
			}
		})
	}
}

// TestProblemsAreShort fills a file with one value or one name: an error shows its
// ends, its length, and nothing that drives a terminal.
func TestProblemsAreShort(t *testing.T) {
	long := strings.Repeat("x", MaxBytes-100)
	for name, data := range map[string]string{
		"number":  "version: " + long + "\n",
		"bool":    "ready: " + long + "\n",
		"text":    "life: " + long + "\n",
		"list":    "list: " + long + "\n",
		"field":   "? " + long + "\n: 1\n",
		"nested":  "roles: {" + long + ": {a: 1}}\n",
		"tag":     "name: !" + long + " a\n",
		"alias":   "name: *" + long + "\n",
		"key":     "? &a \"\\u202e" + long + "\"\n: 1\n",
		"unknown": "name: \"\\z" + long + "\n",
	} {
		err := Decode("x.yaml", []byte(data), new(yamlSample))
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if text := err.Error(); len(text) > 2000 || strings.ContainsRune(text, '\u202e') {
			t.Errorf("%s: %d bytes: %.200q", name, len(text), text)
		}
	}
	var s Source
	err := s.Problem(1, fault.Usage, "name", "is %s: %w; want less", long, io.EOF)
	if !errors.Is(err, io.EOF) || len(err.Error()) > 2*maxProblem || !strings.HasSuffix(err.Error(), "want less") {
		t.Errorf("got %.200q", err)
	}
}

func TestDecodeYAMLReportsAllProblems(t *testing.T) {
	err := Decode("x.yaml", []byte("name: [a]\nreadi: true\n"), new(yamlSample))
	want := "x.yaml:1: name is a list, want a single value\n" +
		"x.yaml:2: readi is not a field; want one of deep, life, list, name, ready, roles, version\n" +
		"x.yaml:1: version is missing"
	if err == nil || err.Error() != want {
		t.Errorf("got %q\nwant %q", err, want)
	}

	many := "version: 1\nname: a\nlist: [" + strings.Repeat("[],", 1000) + "]\n"
	err = Decode("x.yaml", []byte(many), new(yamlSample))
	if n := strings.Count(err.Error(), "\n") + 1; n != maxProblems {
		t.Errorf("got %d problems, want %d", n, maxProblems)
	}
}

func TestProblemsOfAFileUseTheLowestCode(t *testing.T) {
	err := Join([]*fault.Error{fault.Errorf(fault.Refused, "a"), fault.Errorf(fault.Usage, "b").Hint("c")})
	if fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) != 1 {
		t.Errorf("got code %d and hints %q", fault.CodeOf(err), fault.Hints(err))
	}
}

func TestEncodeYAML(t *testing.T) {
	var sample yamlSample
	if err := Decode("x.yaml", []byte(yamlGood), &sample); err != nil {
		t.Fatal(err)
	}
	data, err := Encode(sample)
	if err != nil {
		t.Fatal(err)
	}
	want := `version: 1
name: "no"
ready: true
roles:
  alpha:
    threshold: 1
  root:
    threshold: 2
list:
  - one
  - "12e4"
life: 36h
`
	if string(data) != want {
		t.Errorf("got %s\nwant %s", data, want)
	}
}

// FuzzYAML holds that what is accepted survives being written and read again.
func FuzzYAML(f *testing.F) {
	f.Add([]byte(yamlGood))
	f.Add([]byte("version: &a 1\nname: *a\n"))
	f.Add([]byte("{version: 1, name: ' x', list: ['', ~]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second yamlSample
		if Decode("x.yaml", data, &first) != nil {
			return
		}
		once, err := Encode(first)
		if err != nil {
			t.Fatal(err)
		}
		if err := Decode("x.yaml", once, &second); err != nil {
			t.Fatalf("%v in %s", err, once)
		}
		twice, err := Encode(second)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once, twice) {
			t.Errorf("got %s\nwant %s", twice, once)
		}
	})
}
