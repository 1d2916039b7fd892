package ceremonytest

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/words"
)

// The questions of a ceremony, by what they ask.
var (
	PaperQuestion  = regexp.MustCompile(`From your paper, (\w+) words ([^\r\n]+): $`)
	PhraseQuestion = regexp.MustCompile(`To go on, type: ([^\r\n]+)\r?\n[^\r\n]+\r?\n(?:FAKE )?> $`)
	CardQuestion   = regexp.MustCompile(`To ([^\r\n]+), type words ([^.]+)\.\r?\n[^\r\n]+\r?\n(?:FAKE )?> $`)

	nameQuestion = regexp.MustCompile(`Name of ([^\r\n]+): $`)
	enter        = regexp.MustCompile(`(?:bag > |: Enter, or another name: |between the names: |Enter (?:goes on|shows the words)[^\r\n]+(?:\r?\n)?(?:FAKE )?> )$`)
)

// Politely is what somebody types who only wants to come to the questions that
// matter: a name for each part, and Enter.
func Politely(question string) (typed string, ok bool) {
	if m := nameQuestion.FindStringSubmatch(question); m != nil {
		return "Holder of " + m[1], true
	}
	return "", enter.MatchString(question)
}

var number = regexp.MustCompile(`[0-9]+`)

// WordsAt are the words of a hash at the places that a question names.
func WordsAt(sum digest.SHA256, places string) string {
	var list []string
	for _, text := range number.FindAllString(places, -1) {
		place, _ := strconv.Atoi(text)
		list = append(list, sum.Words()[place-1])
	}
	return strings.Join(list, " ")
}

var gridCell = regexp.MustCompile(`\b([1-9][0-9]?) ([a-z]+)`)

// GridIn reads the last grid of 32 numbered words in a text.
func GridIn(text string) (sum digest.SHA256, ok bool) {
	found := map[int]bool{}
	for _, m := range gridCell.FindAllStringSubmatch(text, -1) {
		place, _ := strconv.Atoi(m[1])
		if value, is := valueOf(place, m[2]); is {
			sum[place-1], found[place] = value, true
		}
	}
	return sum, len(found) == len(sum)
}

// valueOf is the byte that a word stands for at a place of a hash.
func valueOf(place int, word string) (byte, bool) {
	for value := range 256 {
		both := strings.Fields(words.Of([]byte{byte(value), byte(value)}))
		if place <= len(digest.SHA256{}) && both[(place-1)%2] == word {
			return byte(value), true
		}
	}
	return 0, false
}
