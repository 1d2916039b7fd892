package room

import (
	"context"

	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
)

// WordsFollow is asked where the words of a card have a screen of their own.
const WordsFollow = "Enter shows the words, s stops.\n> "

// ShowCard shows a card, with what stands above it already, directly above the question
// that comes next. A terminal that is too small shows the words of the card when people
// have read the rest, so that nothing leaves it unasked.
func (r Room) ShowCard(ctx context.Context, c screen.Card, header screen.Text, question string) error {
	t := r.Prompter.Terminal()
	around := t.Rows(header) + t.Rows(screen.Plainly("\n%s", question))
	for i, text := range c.Screens(t, around) {
		if i > 0 {
			if typed, err := r.Prompter.Line(ctx, WordsFollow); err != nil {
				return err
			} else if typed != "" && isNo(typed) {
				return prompt.ErrDeclined
			}
		}
		r.Prompter.Show(screen.Join(text, screen.Blank))
	}
	return nil
}
