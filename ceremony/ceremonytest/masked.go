package ceremonytest

import (
	"regexp"
	"strings"

	"github.com/uptane/keyrite/ceremony/words"
)

var hexText = regexp.MustCompile(`^[0-9a-f]{4,64}…?$`)

// Masked is a text without the hashes in it, in digits or in words, and without the
// places where lines break for them: two samples of a paper are the same by it when they
// differ in nothing else. What hashes are shown, other tests say.
func Masked(text string) string {
	known := map[string]bool{}
	for b := range 256 {
		for _, word := range strings.Fields(words.Of([]byte{byte(b), byte(b)})) {
			known[word] = true
		}
	}
	var out []string
	for _, field := range strings.Fields(text) {
		if !hexText.MatchString(field) && !known[field] {
			out = append(out, field)
		} else if len(out) == 0 || out[len(out)-1] != "#" {
			out = append(out, "#")
		}
	}
	return strings.Join(out, " ")
}
