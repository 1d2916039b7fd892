package words

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// TestWords takes the fingerprint that the published list comes with.
func TestWords(t *testing.T) {
	fingerprint, err := hex.DecodeString("e58294f2e9a227486e8b061b31cc528fd7fa3f19")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ToLower("topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa " +
		"afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless")
	if got := Of(fingerprint); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := Of(nil); got != "" {
		t.Errorf("no bytes are %q", got)
	}
	if got, want := Of([]byte{0, 0, 255, 255}), "aardvark adroitness zulu yucatan"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWordLists holds that no two bytes have the same word. The published lists
// are in alphabetical order but for one pair, so a word elsewhere is a slip.
func TestWordLists(t *testing.T) {
	for place, list := range wordLists {
		if len(list) != 256 {
			t.Errorf("list %d has %d words", place, len(list))
		}
		for i := 1; i < len(list); i++ {
			if list[i-1] >= list[i] && list[i] != "apollo" {
				t.Errorf("list %d: %s stands before %s", place, list[i-1], list[i])
			}
		}
	}
	for _, word := range wordLists[0] {
		if slices.Contains(wordLists[1], word) {
			t.Errorf("%s is in both lists", word)
		}
	}
	if text := []byte(evenWords + oddWords); !bytes.Equal(text, bytes.ToLower(text)) {
		t.Error("a word has a capital")
	}
}
