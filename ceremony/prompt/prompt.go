package prompt

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"golang.org/x/term"
)

// Prompter is the one way to talk with the people in the room. It uses the
// terminal, never stdout, and shows text as printable does.
type Prompter interface {
	// Say shows text on lines of its own.
	Say(format string, args ...any)

	// Confirm shows what is about to happen and asks for a phrase that is typed,
	// exactly. Everything else is ErrDeclined: another text, an empty line, the
	// end of the input, Ctrl-C, a terminal that fails.
	Confirm(ctx context.Context, what, phrase string) error

	// Line asks for one line of text, which shows as it is typed. An end of the
	// input, Ctrl-C and a terminal that fails are ErrDeclined.
	Line(ctx context.Context, question string) (string, error)

	// Asks says whether there is somebody to ask.
	Asks() bool

	// PIN asks for a PIN, which never shows. The caller wipes it. An empty one
	// is an error with code Token, as is any failure.
	PIN(ctx context.Context, prompt string) ([]byte, error)
}

// ErrDeclined says that a person did not confirm a step.
var ErrDeclined error = fault.Errorf(fault.Failed, "not confirmed; nothing was done in this step")

// ToGoOn says which phrase stands for yes.
func ToGoOn(phrase string) string { return "To go on, type: " + phrase }

const elseStops = "Anything else stops here."

// New chooses how to ask: in a form where the terminal can show one; line
// by line on dumb terminals, serial consoles and, for screen readers, with
// KEYRITE_PLAIN=1; not at all where stdin or stderr is no terminal.
func New(stdin, stderr *os.File) Prompter {
	voice := voice{stderr}
	if !term.IsTerminal(int(stdin.Fd())) || !term.IsTerminal(int(stderr.Fd())) {
		return nobody{voice}
	}
	plain := linePrompter{voice, stdin}
	if os.Getenv("KEYRITE_PLAIN") == "1" || !showsForms(stderr) {
		return plain
	}
	return formPrompter{plain}
}

// showsForms wants to know the size too. A serial console does not tell it, and
// then a form waits for an answer to a question that does not show.
func showsForms(terminal *os.File) bool {
	kind := os.Getenv("TERM")
	width, height, err := term.GetSize(int(terminal.Fd()))
	return kind != "" && kind != "dumb" && err == nil && width >= 40 && height >= 10
}

// voice is the part that all ways share: what only needs to be shown.
type voice struct {
	to io.Writer
}

func (v voice) Say(format string, args ...any) {
	fmt.Fprintln(v.to, words.Printable(fmt.Sprintf(format, args...)))
}

// nobody is the Prompter without a terminal. It never takes silence for a yes.
type nobody struct {
	voice
}

func (nobody) Asks() bool { return false }

func (nobody) Confirm(_ context.Context, _, phrase string) error {
	return fault.Errorf(fault.Usage, "cannot ask for %q: stdin and stderr are no terminal", phrase).
		Hint("use --yes with tokens that site.yaml marks as unattended for the role")
}

func (nobody) Line(_ context.Context, question string) (string, error) {
	return "", fault.Errorf(fault.Usage, "cannot ask %q: stdin and stderr are no terminal", strings.TrimRight(question, ": "))
}

func (nobody) PIN(_ context.Context, prompt string) ([]byte, error) {
	return nil, fault.Errorf(fault.Usage, "cannot ask for the %s: stdin and stderr are no terminal", strings.TrimRight(prompt, ": ")).
		Hint("name another source of the PIN in site.yaml, such as a file or a file descriptor")
}

// Nobody is a Prompter for where there is nobody to ask. What it says goes to w.
func Nobody(w io.Writer) Prompter { return nobody{voice{w}} }
