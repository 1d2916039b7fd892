package prompt

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/words"
)

// formPrompter asks for a line in a form that can be edited. PINs are read as
// lines all the same: a form holds its text in strings, which cannot be wiped.
type formPrompter struct {
	linePrompter
}

// Line is that of Prompter. The form is gone when it is answered; question and
// answer stay.
func (p formPrompter) Line(ctx context.Context, question string) (string, error) {
	last := p.above(question)
	defer func() { *p.used = 0 }()
	var answer string
	input := huh.NewInput().Prompt(last).Inline(true).Value(&answer)
	form := huh.NewForm(huh.NewGroup(input)).WithTheme(huh.ThemeFunc(plainTheme)).WithShowHelp(false)
	err := p.run(ctx, form)
	fmt.Fprintln(p.to, p.terminal.Render(screen.Plainly("%s%s", last, answer)))
	switch {
	case ctx.Err() != nil, form.State == huh.StateAborted:
		return "", ErrInterrupted
	case err != nil, form.State != huh.StateCompleted:
		return "", ErrDeclined
	}
	return answer, nil
}

// plainTheme has nothing beside the text: a question looks the same before and
// after its answer.
func plainTheme(dark bool) *huh.Styles {
	s := huh.ThemeBase(dark)
	s.Focused.Base = s.Blurred.Base
	s.Focused.Base = s.Focused.Base.UnsetBorderStyle().UnsetBorderLeft().UnsetPaddingLeft()
	return s
}

// above shows all lines of a question but the last, which it returns.
func (p linePrompter) above(question string) (last string) {
	if i := strings.LastIndexByte(question, '\n'); i >= 0 {
		p.Say("%s", question[:i])
		question = question[i+1:]
	}
	return words.Line(question)
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
