package rehearse

import (
	"context"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
)

// Show shows what people need for a rehearsal, its PIN and the words that its paper
// has; with wait a screen at a time, where there is one and they do not fit it.
func (w *World) Show(ctx context.Context, p prompt.Prompter, wait bool) error {
	p = fake{p}
	made := "made"
	if w.Begun {
		made = "goes on in"
	}
	return inScreens(ctx, p, wait && p.Asks() && p.Terminal().Height > 0,
		screen.Plainly("rehearsal of %s, %s %s, until %s\nThe PIN of each throwaway token is: %s", w.Rehearsal.Of, made, w.Name, w.Rehearsal.Until.Format(time.DateOnly), PIN),
		inWords(p, "plan", w.Plan), inWords(p, "room", w.Room))
}

func inWords(p prompt.Prompter, what string, sum digest.SHA256) screen.Text {
	return screen.Join(screen.Blank, screen.Plainly("words of the %s, from its paper", what), screen.Grid(sum, min(p.Terminal().Columns(), screen.GridWidth)))
}

// goOn is asked where there is more to show than fits.
const goOn = "Enter goes on > "

// goOnRows are those of the question, and of the line before it.
const goOnRows = 2

// inScreens shows parts one below the other, and waits for somebody where the next one
// would push the first off the screen.
func inScreens(ctx context.Context, p prompt.Prompter, wait bool, parts ...screen.Text) error {
	t, used := p.Terminal(), 0
	for _, part := range parts {
		rows := t.Rows(part)
		if wait && used > 0 && used+rows+goOnRows > t.Height {
			if _, err := p.Line(ctx, goOn); err != nil {
				return err
			}
			used = 0
		}
		p.Show(part)
		used += rows
	}
	if !wait {
		return nil
	}
	_, err := p.Line(ctx, goOn) // the roll-call comes next, and needs the room
	return err
}
