package roles

import (
	"strings"
	"testing"
)

// TestStrictJSON refuses what programs and people could read differently, in
// both formats.
func TestStrictJSON(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "the file ends early; want a value (byte 0)"},
		{"\xef\xbb\xbf{}", "got a byte order mark, want a value (byte 0)"},
		{`{} {}`, "got '{', want the end of the file (byte 3)"},
		{"{}\x00", `got '\x00', want the end of the file (byte 2)`},
		{`{"a":1,"a":1}`, `the name "a" is given twice: programs take the last, people read the first (byte 7)`},
		{`{"b":1,"a":1,"b":1}`, `the name "b" is given twice: programs take the last, people read the first (byte 13)`},
		{`{"a":1,"\u0061":2}`, `the name "a" is given twice: programs take the last, people read the first (byte 7)`},
		{`{"a":1,}`, `got '}', want a string (byte 7)`},
		{`[1,]`, `[1]: got ']', want a value (byte 3)`},
		{`{"a"}`, `got '}', want ':' (byte 4)`},
		{`{'a':1}`, `got '\'', want a string (byte 1)`},
		{`{"a":1.0}`, "a: got a float, want an integer (byte 5)"},
		{`{"a":1e3}`, "a: got a float, want an integer (byte 5)"},
		{`{"a":-0}`, "a: got -0, want an integer without leading zeros or -0 (byte 5)"},
		{`{"a":01}`, "a: got 01, want an integer without leading zeros or -0 (byte 5)"},
		{`{"a":+1}`, "a: got '+', want a value (byte 5)"},
		{`{"a":18446744073709551616}`, "a: got an integer of more than 64 bits (byte 5)"},
		{`{"a":NaN}`, "a: got 'N', want a value (byte 5)"},
		{`{"a":Infinity}`, "a: got 'I', want a value (byte 5)"},
		{`{"a":True}`, "a: got 'T', want a value (byte 5)"},
		{`{"a":truth}`, "a: got an unknown word, want true (byte 5)"},
		{`{"a":/**/1}`, "a: got '/', want a value (byte 5)"},
		{"\"a\nb\"", "got a raw control character 0x0a in a string (byte 2)"},
		{"\"\xff\"", "got invalid UTF-8 in a string (byte 1)"},
		{"\"\xed\xa0\x80\"", "got invalid UTF-8 in a string (byte 1)"},
		{"\"\xc0\xaf\"", "got invalid UTF-8 in a string (byte 1)"},
		{`"\ud800"`, "lone surrogate in a string (byte 1)"},
		{`"\udc00\ud800"`, "lone surrogate in a string (byte 1)"},
		{`"\u12g4"`, `got 'g' in a \u escape, want a hexadecimal digit (byte 1)`},
		{`"\x41"`, `unknown escape \x (byte 1)`},
		{`"abc`, "the file ends early; want the end of a string (byte 4)"},
		{"\"e\u0301\"", `text "e\u0301" is not in Unicode normal form C (NFC), which Uptane Standard 2.1.0 §5.2 wants (byte 1)`},
		{strings.Repeat("[", 65) + strings.Repeat("]", 65), "nested too deeply; want at most 64 levels (byte 65)"},
	} {
		for _, f := range Formats {
			_, err := f.Canonical([]byte(c.text))
			if err == nil {
				t.Errorf("%q is taken, want: %s", c.text, c.want)
			} else if got := strings.ReplaceAll(err.Error(), "[0]", ""); strings.TrimPrefix(got, ": ") != c.want {
				t.Errorf("%q:\n got %s\nwant %s", c.text, got, c.want)
			}
		}
	}
	if _, err := TUF.Canonical([]byte(strings.Repeat("[", 64) + strings.Repeat("]", 64))); err != nil {
		t.Errorf("64 levels: %v", err)
	}
}

// TestNamesByTurns repeats two names of each object of a file, never one behind itself:
// that they are given twice is seen only where the object ends.
func TestNamesByTurns(t *testing.T) {
	turns := strings.Repeat(`"version":1,"spec_version":"1.0",`, 40)
	for _, data := range []string{
		`{"signatures":[],"signed":{` + turns + `"_type":"targets"}}`,
		`{` + strings.Repeat(`"signatures":[],"signed":{"_type":"targets","expires":"2030-01-01T00:00:00Z","spec_version":"1.0.0","targets":{},"version":1},`, 40) + `"x":1}`,
	} {
		if _, err := Read(TUF, TypeTargets, []byte(data)); err == nil || !strings.Contains(err.Error(), "given twice") {
			t.Errorf("got %v", err)
		}
	}
}
