package ceremony

import (
	"context"

	"github.com/charmbracelet/huh"
)

// formPrompter asks for consent in a form that can be edited. PINs are read as
// lines all the same: a form holds its text in strings, which cannot be wiped.
type formPrompter struct {
	linePrompter
}

func (p formPrompter) Confirm(ctx context.Context, what, phrase string) error {
	p.Say("%s", what)
	var answer string
	input := huh.NewInput().
		Title("To go on, type: " + printable(phrase)).
		Description("Anything else stops here.").
		Value(&answer)
	form := huh.NewForm(huh.NewGroup(input)).
		WithInput(p.stdin).
		WithOutput(p.to).
		WithTheme(huh.ThemeBase()).
		WithShowHelp(false)
	err := form.RunWithContext(ctx)
	p.Say("> %s", answer) // the form is gone; what was answered stays on the screen
	if err != nil || answer != phrase {
		return ErrDeclined
	}
	return nil
}
