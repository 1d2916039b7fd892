package prompt

import (
	"context"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"github.com/uptane/keyrite/ceremony/words"
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
		Title(ToGoOn(words.Printable(phrase))).
		Description(elseStops).
		Value(&answer)
	form := huh.NewForm(huh.NewGroup(input)).WithTheme(huh.ThemeFunc(huh.ThemeBase)).WithShowHelp(false)
	err := p.run(ctx, form)
	p.Say("> %s", answer) // the form is gone; what was answered stays on the screen
	if err != nil || form.State != huh.StateCompleted || answer != phrase {
		return ErrDeclined
	}
	return nil
}

// run shows a form until it is completed or aborted, or ctx is done. Each of the
// three ends it in order: form.Run kills its program on Ctrl-C, and that leaves a
// reader behind.
func (p formPrompter) run(ctx context.Context, form *huh.Form) error {
	form.SubmitCmd, form.CancelCmd = tea.Quit, tea.Quit
	program := tea.NewProgram(formProgram{form}, tea.WithInput(p.stdin), tea.WithOutput(p.to), tea.WithoutSignalHandler())
	defer context.AfterFunc(ctx, program.Quit)()
	_, err := program.Run()
	return err
}

// formProgram is a form as a program of its own.
type formProgram struct {
	*huh.Form
}

func (f formProgram) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	_, command := f.Form.Update(message)
	return f, command
}

func (f formProgram) View() tea.View { return tea.NewView(f.Form.View()) }
