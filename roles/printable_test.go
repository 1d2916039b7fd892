package roles

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestPrintable reads a table that packages policies, hsm and ceremony/words hold
// their own functions against.
func TestPrintable(t *testing.T) {
	data, err := os.ReadFile("testdata/printable.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(data)) {
		var in, want string
		if n, err := fmt.Sscanf(line, "%q %q", &in, &want); n != 2 {
			if !strings.HasPrefix(line, "#") {
				t.Errorf("%s: %v", line, err)
			}
			continue
		}
		cases++
		got := Printable(in)
		if got != want {
			t.Errorf("got %+q: %s", got, line)
		}
		if again := Printable(got); again != got {
			t.Errorf("twice is %+q: %s", again, line)
		}
	}
	if cases < 30 {
		t.Errorf("%d cases", cases)
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		in   string
		max  int
		want string
	}{
		{"", 6, ""},
		{"123456", 6, "123456"},
		{"1234567", 6, "1234…(7 bytes)…67"},
		{"ääääää", 6, "ää…(12 bytes)…ä"},
		{strings.Repeat("\x80", 9), 6, "…(9 bytes)…"},
		{strings.Repeat("x", 1<<20) + "; want Y", 12, "xxxxxxxx…(1048584 bytes)…nt Y"},
	} {
		if got := Cut(test.in, test.max); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                   `"plain"`,
		`a"b\c`:                   `"a\"b\\c"`,
		"\x1b[2J\n":               `"\x1b[2J\n"`,
		"\u0301a\ufe0f":           `"\u0301a\ufe0f"`,
		strings.Repeat("x", 200):  `"` + strings.Repeat("x", 200) + `"`,
		strings.Repeat("x", 1000): `"` + strings.Repeat("x", 133) + "…(1000 bytes)…" + strings.Repeat("x", 66) + `"`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("%+q: got %s, want %s", in, got, want)
		}
	}
}

// TestErrorsAreShort puts long text that drives a terminal into each place of a
// file that an error shows.
func TestErrorsAreShort(t *testing.T) {
	long, zeros := strings.Repeat("x", 20_000)+`\u001b[2J\u202e`, strings.Repeat("0", 20_000)
	err := &Error{File: long, Field: long, Offset: -1, Err: errors.New(long + "; want Y")}
	if text := err.Error(); len(text) > 2*maxError || !strings.HasSuffix(text, "; want Y") {
		t.Errorf("error of %d bytes: %.300q", len(text), text)
	}
	for _, in := range []string{
		`{"` + long + `":1,"` + long + `":2}`,
		`{"` + long + `":1,"a":2,"` + long + `":2}`,
		`{"signed":{"_type":"` + long + `"}}`,
		`{"signed":{"version":1` + zeros + `}}`,
		`{"signed":{"version":00` + zeros + `}}`,
		`{"signed":{"expires":"` + long + `"}}`,
		`{"signed":{"spec_version":"` + long + `"}}`,
		`{"signed":{"keys":{"` + long + `":{"keytype":"` + long + `","scheme":"` + long + `","keyval":{"public":""}}}}}`,
		`{"signed":{"keys":{"` + long + `":{"keytype":1}}}}`,
		`{"signed":{"roles":{"` + long + `":{"threshold":0}}}}`,
		`{"signed":{"roles":{"root":{"keyids":["` + long + `","` + long + `"]}}}}`,
		`{"signatures":[{"keyid":"` + long + `","method":"` + long + `","sig":"00"},{"keyid":"` + long + `","method":"ed25519","sig":"00"}]}`,
	} {
		for _, name := range []string{"tuf", "ota-ce"} {
			f, _ := FormatByName(name)
			_, err := Read(f, TypeRoot, []byte(in))
			if err == nil {
				t.Errorf("%s: %.60s: accepted", name, in)
			} else if text := err.Error(); len(text) > 1000 || strings.ContainsAny(text, "\x1b\u202e") {
				t.Errorf("%s: %.60s: error of %d bytes: %.300q", name, in, len(text), text)
			}
		}
	}
}
