package rehearse

import (
	"context"
	"fmt"

	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// fake is a Prompter that says of everything that it is a rehearsal: no screen of it
// can be taken for one that is meant.
type fake struct{ prompt.Prompter }

func (f fake) Say(format string, args ...any) {
	f.Prompter.Say("%s", workspace.FakePrefix+fmt.Sprintf(format, args...))
}

func (f fake) Confirm(ctx context.Context, what, phrase string) error {
	return f.Prompter.Confirm(ctx, workspace.FakePrefix+what, phrase)
}

func (f fake) Line(ctx context.Context, question string) (string, error) {
	return f.Prompter.Line(ctx, workspace.FakePrefix+question)
}

func (f fake) PIN(ctx context.Context, question string) ([]byte, error) {
	return f.Prompter.PIN(ctx, workspace.FakePrefix+question)
}
