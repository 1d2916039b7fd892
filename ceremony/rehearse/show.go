package rehearse

import (
	"context"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
)

// Show shows what people need for a rehearsal: its PIN, and the words that its paper has.
func (w *World) Show(ctx context.Context, p prompt.Prompter) error {
	p = fake{p}
	made := "made"
	if w.Begun {
		made = "goes on in"
	}
	for _, text := range []screen.Text{
		screen.Plainly("rehearsal of %s, %s %s, until %s\nThe PIN of each throwaway token is: %s", w.Rehearsal.Of, made, w.Name, w.Rehearsal.Until.Format(time.DateOnly), PIN),
		inWords(p, "plan", w.Plan), inWords(p, "room", w.Room),
	} {
		if err := prompt.Read(ctx, p, text); err != nil {
			return err
		}
	}
	return nil
}

func inWords(p prompt.Prompter, what string, sum digest.SHA256) screen.Text {
	return screen.Join(screen.Blank, screen.Plainly("words of the %s, from its paper", what), p.Terminal().Words(sum))
}
