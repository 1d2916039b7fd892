package words

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestLine holds to the table of package roles.
func TestLine(t *testing.T) {
	data, err := os.ReadFile("../../roles/testdata/printable.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.Lines(string(data)) {
		var in, want string
		if n, _ := fmt.Sscanf(line, "%q %q", &in, &want); n != 2 {
			continue
		}
		cases++
		if got := Line(in); got != want {
			t.Errorf("got %+q: %s", got, line)
		}
	}
	if cases < 30 {
		t.Errorf("%d cases", cases)
	}
}

// TestPrintable keeps line breaks, and nothing else that Line does not keep.
func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"two\nlines\n":      "two\nlines\n",
		"\x1b[2J\n\u202eb":  "\\u001b[2J\n\\u202eb",
		"a\r\nb":            "a\\u000d\nb",
		"a\n\u0301b":        "a\n\\u0301b",
		"not \xff \ufffd\n": "not \\xff \ufffd\n",
	} {
		if got := Printable(in); got != want {
			t.Errorf("%+q: got %+q, want %+q", in, got, want)
		}
	}
}

func TestHidden(t *testing.T) {
	for _, r := range " a~é鍵✓\u0301\ufffd" {
		if Hidden(r) {
			t.Errorf("%U is hidden", r)
		}
	}
	for _, r := range "\t\n\x7f\u0085\u00a0\u200b\u202e\u2028\u2800\u3164\ufe0f\ue000\ufeff\U000e0041" {
		if !Hidden(r) {
			t.Errorf("%U is not hidden", r)
		}
	}
}
