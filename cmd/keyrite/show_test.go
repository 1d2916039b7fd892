package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/hsm"
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

// TestTokenTables has as many tokens beside each other as a terminal is wide, every one
// of them once, and all where nothing limits them.
func TestTokenTables(t *testing.T) {
	var infos []hsm.Report
	for i := range 5 {
		r := hsm.Report{Name: fmt.Sprintf("token-%d", i), Token: hsm.TokenInfo{Model: "a model of some length"}}
		r.Capabilities.Keys = make([]hsm.KeyCapability, len(hsm.KeyTypes()))
		infos = append(infos, r)
	}
	for wide, want := range map[int]int{unlimited: 1, 200: 1, 120: 2, 80: 3, 60: 5, 40: 5} {
		text := tables(infos, wide)
		if got := strings.Count(text, "| model "); got != want || wide >= 60 && widest(text) > wide {
			t.Errorf("%d columns: %d tables, want %d; %d wide\n%s", wide, got, want, widest(text), text)
		}
		for _, info := range infos {
			if strings.Count(text, info.Name) != 1 {
				t.Errorf("%d columns: %s is there %d times", wide, info.Name, strings.Count(text, info.Name))
			}
		}
	}
}
