package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/words"
)

// stillScreens is what a run showed at a terminal of 80×24, without what differs from run
// to run and from machine to machine: hashes in digits and words, times, serial numbers,
// and what preflight finds. What these are, other tests say.
func stillScreens(screen string) string {
	screen = strings.ReplaceAll(screen, "\r", "")
	for _, m := range moving {
		screen = m.what.ReplaceAllString(screen, m.still)
	}
	return hexDigits.ReplaceAllStringFunc(screen, func(hex string) string { return strings.Repeat("#", len(hex)) })
}

var moving = []struct {
	what  *regexp.Regexp
	still string
}{
	{regexp.MustCompile(`(?s)\npreflight  .*?\n( TOKEN |Enter goes on > \n\n TOKEN )`), "\n(what preflight found)\n TOKEN "},
	{regexp.MustCompile(`(?m)^Enter goes on > \n`), ""}, // where that fills the screen
	{regexp.MustCompile(`(?s)\n  key            .*?\n\nWhat `), "\n(the new keys, in pages)\n\nWhat "},
	{regexp.MustCompile(`(?m)^( *\d+ [a-z]+ *){4}( +[0-9a-f]{4}){0,2}$`), "(words)"},
	{regexp.MustCompile(`(\(words\)\n)+`), "(the grid of 32 words)\n"},
	{regexp.MustCompile(`words [0-9, and]+([:.])( (` + anyWord + `))*`), "words N$1"},
	{regexp.MustCompile(`(?m)^> (` + anyWord + `) (` + anyWord + `) (` + anyWord + `)$`), "> WORDS"},
	{regexp.MustCompile(`Word \d+ of the card is "[a-z]+"`), `Word N of the card is "WORD"`},
	{regexp.MustCompile(`words (` + anyWord + `) … (` + anyWord + `)`), "words FIRST … LAST"},
	{regexp.MustCompile(`(?m)words      ((` + anyWord + `)\s+)+(✓)`), "words      WORDS\n$3"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d`), "YYYY-MM-DD"},
	{regexp.MustCompile(`\d\d:\d\d:\d\d`), "HH:MM:SS"},
	{regexp.MustCompile(`\d\d:\d\d`), "HH:MM"},
	{regexp.MustCompile(`, \d+ bytes,`), ", N bytes,"}, // an ECDSA signature is longer or shorter
}

var hexDigits = regexp.MustCompile(`\b([0-9a-f]{16,64}|[0-9a-f]{4}( [0-9a-f]{4})+)\b`)

// anyWord is one word of the list, as an expression.
var anyWord = func() string {
	var list []string
	for b := range 256 {
		list = append(list, strings.Fields(words.Of([]byte{byte(b), byte(b)}))...)
	}
	return strings.Join(list, "|")
}()

// golden compares screens with those that are kept in testdata/screens.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "screens", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%s is not what shows (%v); go test ./cmd/keyrite -run %s -update writes it anew; got\n%s", file, err, t.Name(), got)
	}
}
