package prompt

import (
	"context"

	"github.com/uptane/keyrite/ceremony/screen"
)

// GoOn is asked where the next thing to read would push the one before off the screen.
const GoOn = "Enter goes on > "

// below is how many rows are left for what stands below a text: a line, and a question.
const below = 5

// Read shows text that people have to read: below what they have not answered to yet if
// it fits there, on a screen of its own when they have read that, or a screen at a time.
// It fails like Line.
func Read(ctx context.Context, p Prompter, text screen.Text) error {
	t := p.Terminal()
	rows := t.Rows(text) + below
	switch {
	case len(text) == 0:
	case t.Height == 0 || !p.Asks() || p.Used()+rows <= t.Height:
		p.Show(text)
	case rows <= t.Height:
		if _, err := p.Line(ctx, GoOn); err != nil {
			return err
		}
		p.Show(text)
	default:
		p.Page(ctx, text)
	}
	return nil
}
