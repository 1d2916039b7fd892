package words

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"status", "transcript", "root-a", "root-b", "image", "run", "ROOT-THRESHOLD"}
	for written, want := range map[string]string{
		"statsu":                  "status",
		"stauts":                  "status",
		"transscrpt":              "transcript",
		"root-c":                  "root-a",
		"images":                  "image",
		"rum":                     "run",
		"ROOT-TRESHOLD":           "ROOT-THRESHOLD",
		"image":                   "",
		"ru":                      "",
		"director":                "",
		"":                        "",
		strings.Repeat("x", 1000): "",
	} {
		if got, ok := Nearest(written, names); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", written, got, ok, want)
		}
	}
}
