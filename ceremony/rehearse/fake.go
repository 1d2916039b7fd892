package rehearse

import (
	"context"
	"io"
	"strings"

	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// fake is a Prompter that says of everything that it is a rehearsal: no screen of it
// can be taken for one that is meant.
type fake struct{ prompt.Prompter }

func (f fake) Say(format string, args ...any) { f.Show(screen.Plainly(format, args...)) }

func (f fake) Show(text screen.Text) { f.Prompter.Show(marked(text)) }

func (f fake) Page(ctx context.Context, text screen.Text) { f.Prompter.Page(ctx, marked(text)) }

func (f fake) Terminal() screen.Terminal {
	t := f.Prompter.Terminal()
	t.Width = max(0, t.Width-len(workspace.FakePrefix))
	return t
}

// marked has the mark at the beginning of every row.
func marked(text screen.Text) (list screen.Text) {
	for _, line := range text {
		line.Mark = screen.Span{Text: workspace.FakePrefix, Style: screen.Bad}
		list = append(list, line)
	}
	return list
}

func (f fake) Line(ctx context.Context, question string) (string, error) {
	return f.Prompter.Line(ctx, f.question(question))
}

func (f fake) PIN(ctx context.Context, question string) ([]byte, error) {
	return f.Prompter.PIN(ctx, f.question(question))
}

// question has the mark on every row that it takes, without colours, which a question
// has not; the answer stands behind it.
func (f fake) question(text string) string {
	t := f.Prompter.Terminal()
	t.Colour = false
	asked := strings.TrimRight(text, " ")
	return t.Render(marked(screen.Plainly("%s", asked))) + text[len(asked):]
}

// alone is a Prompter that asks nobody. It knows the PIN of the throwaway tokens, and
// they are the only ones that a rehearsal opens.
type alone struct{ prompt.Prompter }

func (alone) Asks() bool { return false }

func (a alone) Line(ctx context.Context, question string) (string, error) {
	return prompt.Nobody(io.Discard).Line(ctx, question)
}

func (alone) PIN(context.Context, string) ([]byte, error) { return []byte(PIN), nil }
