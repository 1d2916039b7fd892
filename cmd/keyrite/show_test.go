package main

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/screen"
)

// TestJudged colours verdicts and changes, and shows the same text without colours.
func TestJudged(t *testing.T) {
	for text, want := range map[string]string{
		"FAIL    a route is up":                "\x1b[31mFAIL\x1b[0m    a route is up",
		"root: key of role root: added 1c10":   "root: key of role root\x1b[1m: added 1c10\x1b[0m",
		"    image a.bin: removed":             "    image a.bin: removed",
		"    key of role root: removed root-b": "    key of role root\x1b[33m: removed root-b\x1b[0m",
		"    threshold of targets: 2 → 3":      "    threshold of targets: 2\x1b[1m → 3\x1b[0m",
		"nothing to be seen":                   "nothing to be seen",
	} {
		if got := (screen.Terminal{Width: 80, Colour: true}).Render(judged(screen.Plainly("%s", text))); strings.TrimRight(got, "\n") != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := (screen.Terminal{Width: 80}).Render(judged(screen.Plainly("%s", text))); strings.TrimRight(got, "\n") != text {
			t.Errorf("without colours: got %q", got)
		}
	}
}
