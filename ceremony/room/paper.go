package room

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
)

// Paper is a hash that people hold in words, where nobody with the disk can
// change it.
type Paper struct {
	What  string // plan, room or head; or a key, whose words another site reads aloud
	From  string // that site; empty: people's own paper
	Hash  digest.SHA256
	Words int    // how many are asked for
	Else  string // what to do if the paper says otherwise
}

// maxTries is how often mistyped words are asked for.
const maxTries = 3

// Compare asks people for words of their paper at places that are drawn now: a
// file that was made to fit some words of another hash cannot fit those. None of
// the words shows before it is typed.
func (r Room) Compare(ctx context.Context, log Log, p Paper) error {
	if !r.Prompter.Asks() {
		return fault.Errorf(fault.Usage, "words of the %s are asked for from paper, but stdin and stderr are no terminal", p.What).
			Hint("run it at a terminal; or, for roles that site.yaml marks as unattended, use --yes with --plan-sha256 and --room-sha256")
	}
	places, err := draw(p.Words)
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		typed, err := r.Prompter.Line(ctx, p.Question(numbers(places)))
		if err != nil {
			return err
		}
		wrong := p.wrong(places, strings.Fields(strings.ToLower(typed)))
		if wrong == "" {
			return log.Append(0, transcript.ActorPerson, transcript.Compared{What: p.What, Places: places})
		}
		if err := log.Append(0, transcript.ActorPerson, transcript.Note{Note: transcript.NoteWords, Of: p.What, Text: "words of the " + p.What + ": " + wrong}); err != nil {
			return err
		}
		if try == maxTries {
			return fault.Errorf(fault.Unverified, "the %s is not the one %s: %s", p.What, p.of(), wrong).Hint("%s", p.Else)
		}
		r.Prompter.Say("%s; try %d of %d", wrong, try+1, maxTries)
	}
}

// Question asks for the words at some places.
func (p Paper) Question(places string) string {
	if p.From != "" {
		return fmt.Sprintf("By voice from %s, %s words %s: ", p.From, p.What, places)
	}
	return fmt.Sprintf("From your paper, %s words %s: ", p.What, places)
}

// of is whose words they are.
func (p Paper) of() string {
	if p.From != "" {
		return "of " + p.From
	}
	return "on your paper"
}

// wrong says what is wrong with words that were typed, and nothing of those that
// should have been. It is empty when they are right.
func (p Paper) wrong(places []int, typed []string) string {
	if len(typed) != len(places) {
		return fmt.Sprintf("got %s, want %d", words.Count(len(typed), "word"), len(places))
	}
	right := p.Hash.Words()
	var differ []int
	for i, place := range places {
		if typed[i] != right[place-1] {
			differ = append(differ, place)
		}
	}
	switch len(differ) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("word %d differs", differ[0])
	}
	return "words " + numbers(differ) + " differ"
}

// draw picks places among the words of a hash, each once, ascending.
func draw(count int) ([]int, error) {
	var places []int
	for len(places) < count {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(digest.SHA256{}))))
		if err != nil {
			return nil, err
		}
		if place := int(n.Int64()) + 1; !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	return places, nil
}

// numbers are a list as people say it: 3, 17, 22 and 30.
func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = fmt.Sprint(n)
	}
	last := len(texts) - 1
	if last == 0 {
		return texts[0]
	}
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}
