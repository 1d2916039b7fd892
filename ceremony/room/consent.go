package room

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// Question is what one person is asked before something that cannot be undone.
// Phrase stands for yes. Where Sum is set, Card shows it in words, and some of
// those stand for yes, at places that are drawn when it is asked: nobody has them
// in the fingers before they have looked.
type Question struct {
	Step   int    // of the plan; 0 outside of steps
	Who    string // custodian; empty for whoever is there
	Name   string // of the person; empty where no roll was called
	What   string // what is about to happen, in full
	Phrase string

	Header  screen.Text        // stands above it already
	Card    screen.Card        // shown in the place of What where Sum is set
	Details func() screen.Text // all there is to know, for who asks; nil: there is no more
	Sum     digest.SHA256
}

// cardWords is how many words of a card are asked for.
const cardWords = 3

// Consent asks one person, and asks again when something else was typed than was
// asked for. Nothing, stop, Ctrl-C, the end of the input and a third mistake are
// no. Question and answers stand in the log, also a no.
func (r Room) Consent(ctx context.Context, log Log, q Question) error {
	c := consent{Room: r, log: log, Question: q, actor: actorOf(q.Name)}
	if err := c.draw(); err != nil {
		return err
	}
	if err := log.Append(q.Step, transcript.ActorTool, c.asked()); err != nil {
		return err
	}
	no, err := c.show(ctx), error(nil)
	if no == nil {
		no, err = c.ask(ctx)
	}
	if err != nil {
		return err
	}
	if no == nil {
		return log.Append(q.Step, c.actor, transcript.Agreed{Phrase: c.want})
	}
	if err := log.Append(q.Step, c.actor, transcript.Declined{Phrase: c.want}); err != nil {
		return err
	}
	return no
}

// actorOf is how a transcript calls who is asked.
func actorOf(name string) string {
	if name == "" {
		return transcript.ActorPerson
	}
	return name
}

// consent is a question that is being asked.
type consent struct {
	Room
	Question
	log    Log
	actor  string
	places []int  // of the words that are asked for; nil: a phrase is
	want   string // what stands for yes
	gone   bool   // what is asked about may have left the screen
}

func (c *consent) draw() (err error) {
	c.want = c.Phrase
	if c.Sum.IsZero() {
		return nil
	}
	if c.places, err = draw(cardWords); err != nil {
		return err
	}
	var list []string
	for _, place := range c.places {
		list = append(list, c.Sum.Words()[place-1])
	}
	c.want = strings.Join(list, " ")
	return nil
}

func (c *consent) asked() transcript.Asked {
	a := transcript.Asked{Who: c.Who, Name: c.Name, Phrase: c.want, Places: c.places}
	if c.places != nil {
		a.What = c.Phrase
	}
	return a
}

// show shows what is asked about; it fails when somebody stops there.
func (c *consent) show(ctx context.Context) (no error) {
	if !c.Sum.IsZero() {
		return c.ShowCard(ctx, c.Card, c.Header, c.question())
	}
	c.Prompter.Show(screen.Plainly("%s\n", c.What))
	return nil
}

// again shows what has left the screen.
func (c *consent) again(ctx context.Context) (no error) {
	if !c.gone {
		return nil
	}
	c.gone = false
	return c.show(ctx)
}

// ask returns no when it was not answered with yes, and an error when the log, or
// a command, failed.
func (c *consent) ask(ctx context.Context) (no, err error) {
	for try := 1; try <= maxTries; {
		typed, no := c.Prompter.Line(ctx, c.question())
		if no != nil {
			return no, nil
		}
		taken, err := c.besides(ctx, typed)
		if err != nil {
			return nil, err
		}
		if taken {
			if no := c.again(ctx); no != nil {
				return no, nil
			}
			continue
		}
		word := firstDifference(typed, c.want)
		if word == 0 {
			return nil, nil
		}
		if isNo(typed) {
			break
		}
		if err := c.mistyped(word, try); err != nil {
			return nil, err
		}
		try++
	}
	return prompt.ErrDeclined, nil
}

func (c *consent) mistyped(word, try int) error {
	if err := c.log.Append(c.Step, c.actor, transcript.Mistyped{Phrase: c.want, Word: word}); err != nil {
		return err
	}
	c.Prompter.Show(screen.Styled(screen.Warn, "%s", c.differs(word)))
	if try == maxTries {
		c.Prompter.Say("That was the third try: it counts as a no.")
	}
	return nil
}

// besides takes what is no answer: a look at all details, or a command.
func (c *consent) besides(ctx context.Context, typed string) (taken bool, err error) {
	if c.Details != nil && fold(typed) == "v" {
		c.Prompter.Page(ctx, c.Details())
		c.gone = !c.Prompter.Terminal().Restores()
		return true, nil
	}
	if c.Desk == nil {
		return false, nil
	}
	c.gone, err = c.Desk(ctx, c.log, c.Step, typed)
	return c.gone, err
}

// isNo says whether a person wants to stop.
func isNo(typed string) bool {
	switch fold(typed) {
	case "", "s", "stop", "n", "no":
		return true
	}
	return false
}

// fold is text as it is compared: without case, and without spaces around or
// between the words.
func fold(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// firstDifference is the number of the first word of want that typed does not
// have, one more where typed goes on, and 0 where they are the same.
func firstDifference(typed, want string) int {
	got, words := strings.Fields(fold(typed)), strings.Fields(fold(want))
	for i, word := range words {
		if i >= len(got) || got[i] != word {
			return i + 1
		}
	}
	if len(got) > len(words) {
		return len(words) + 1
	}
	return 0
}

// differs tells the first difference. What was typed is on the screen already.
func (c *consent) differs(word int) string {
	list := strings.Fields(c.want)
	switch {
	case word > len(list):
		return fmt.Sprintf("More was typed than the %d words that are asked for.", len(list))
	case c.places != nil:
		return fmt.Sprintf("Word %d of the card is %q, which was not typed there.", c.places[word-1], list[word-1])
	}
	return fmt.Sprintf("The first difference is at %q.", list[word-1])
}

// question is what stands below the card.
func (c *consent) question() string {
	if c.places == nil {
		return ToGoOn(c.Phrase) + "\n" + ElseStops + "\n> "
	}
	return WordsQuestion(c.Phrase, numbers(c.places))
}

// ElseStops says what is no.
const ElseStops = "An empty line stops here."

// ToGoOn says which phrase stands for yes.
func ToGoOn(phrase string) string { return "To go on, type: " + phrase }

// WordsQuestion asks for words of a card, to do what is said.
func WordsQuestion(what, places string) string {
	return fmt.Sprintf("To %s, type words %s.\nv shows details. %s\n> ", what, places, ElseStops)
}
