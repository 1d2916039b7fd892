package prompt

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/screen"
	"golang.org/x/term"
)

// Prompter is the one way to talk with the people in the room. It uses the
// terminal, never stdout, and shows text as printable does.
type Prompter interface {
	// Say shows text on lines of its own.
	Say(format string, args ...any)

	// Show shows text that was laid out.
	Show(text screen.Text)

	// Page shows text that may be longer than the screen, a screen at a time, until
	// its end or until nobody wants to see more.
	Page(ctx context.Context, text screen.Text)

	// Line asks for one line of text, which shows as it is typed: the last line of
	// the question stands before it, and both stay on the screen. Ctrl-C is
	// ErrInterrupted; an end of the input and a terminal that fails are ErrDeclined.
	Line(ctx context.Context, question string) (string, error)

	// PIN asks for a PIN, which never shows. The caller wipes it. An empty one
	// is an error with code Token, as is any failure.
	PIN(ctx context.Context, prompt string) ([]byte, error)

	// Asks says whether there is somebody to ask.
	Asks() bool

	// Terminal is what the terminal can show.
	Terminal() screen.Terminal

	// Used is how many of its rows were shown since the last answer.
	Used() int
}

// What ends a question without an answer.
var (
	ErrDeclined    error = fault.Errorf(fault.Failed, "not confirmed; nothing was done in this step")
	ErrInterrupted error = fault.Errorf(fault.Interrupted, "interrupted; nothing was done in this step")
)

// New chooses how to ask: in a form where the terminal can show one; line
// by line on dumb terminals, serial consoles and, for screen readers, with
// KEYRITE_PLAIN=1; not at all where stdin is no terminal. Where stderr goes elsewhere,
// into a log, what people read and answer is on their terminal all the same.
func New(stdin, stderr *os.File) Prompter {
	stderr = screenOf(stdin, stderr)
	voice := voice{stderr, Terminal(stderr), new(int)}
	if !term.IsTerminal(int(stdin.Fd())) || !term.IsTerminal(int(stderr.Fd())) {
		return nobody{voice}
	}
	plain := linePrompter{voice, stdin}
	if os.Getenv("KEYRITE_PLAIN") == "1" || !showsForms(stderr) {
		return plain
	}
	return formPrompter{plain}
}

// screenOf is where people look: stderr, or the terminal of somebody who types at
// stdin and sends stderr elsewhere.
func screenOf(stdin, stderr *os.File) *os.File {
	if !term.IsTerminal(int(stdin.Fd())) || term.IsTerminal(int(stderr.Fd())) {
		return stderr
	}
	if terminal, err := openTerminal(); err == nil {
		return terminal
	}
	return stderr
}

// openTerminal opens the terminal that controls this process, once.
var openTerminal = sync.OnceValues(func() (*os.File, error) { return os.OpenFile("/dev/tty", os.O_WRONLY, 0) })

// showsForms wants to know the size too. A serial console does not tell it, and
// then a form waits for an answer to a question that does not show.
func showsForms(terminal *os.File) bool {
	kind := os.Getenv("TERM")
	width, height, err := term.GetSize(int(terminal.Fd()))
	return kind != "" && kind != "dumb" && err == nil && width >= 40 && height >= 10
}

// voice is the part that all ways share: what only needs to be shown.
type voice struct {
	to       io.Writer
	terminal screen.Terminal
	used     *int // rows since the last answer
}

func (v voice) Say(format string, args ...any) { v.Show(screen.Plainly(format, args...)) }

func (v voice) Show(text screen.Text) {
	*v.used += v.terminal.Rows(text)
	fmt.Fprintln(v.to, v.terminal.Render(text))
}

func (v voice) Used() int { return *v.used }

func (v voice) Page(_ context.Context, text screen.Text) { v.Show(text) }

func (v voice) Terminal() screen.Terminal { return v.terminal }

// nobody is the Prompter without a terminal. It never takes silence for a yes.
type nobody struct {
	voice
}

func (nobody) Asks() bool { return false }

const atTerminal = "run it at a terminal"

func (nobody) Line(_ context.Context, question string) (string, error) {
	first, _, _ := strings.Cut(question, "\n")
	return "", fault.Errorf(fault.Usage, "cannot ask %q: stdin and stderr are no terminal", strings.TrimRight(first, ": ")).
		Hint(atTerminal)
}

func (nobody) PIN(_ context.Context, prompt string) ([]byte, error) {
	return nil, fault.Errorf(fault.Usage, "cannot ask for the %s: stdin and stderr are no terminal", strings.TrimRight(prompt, ": ")).
		Hint(atTerminal)
}

// Nobody is a Prompter for where there is nobody to ask. What it says goes to w.
func Nobody(w io.Writer) Prompter { return nobody{voice{to: w, used: new(int)}} }
