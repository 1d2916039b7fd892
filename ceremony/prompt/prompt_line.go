package prompt

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/muesli/cancelreader"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
	"golang.org/x/sys/unix"
)

// linePrompter asks line by line, which every terminal and screen reader can do.
type linePrompter struct {
	voice
	stdin *os.File
}

// Asks is true: there is a terminal.
func (p linePrompter) Asks() bool { return true }

// Line is that of Prompter.
func (p linePrompter) Line(ctx context.Context, question string) (string, error) {
	return p.ask(ctx, p.above(question))
}

// ask asks in one line.
func (p linePrompter) ask(ctx context.Context, question string) (string, error) {
	answer, err := p.line(ctx, question, true)
	if err != nil {
		fmt.Fprintln(p.to) // the cursor is still behind the question
		return "", unanswered(ctx)
	}
	return string(answer), nil
}

// unanswered is the error of a question that nobody answered.
func unanswered(ctx context.Context) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return ErrDeclined
}

// PIN is that of Prompter.
func (p linePrompter) PIN(ctx context.Context, prompt string) ([]byte, error) {
	pin, err := p.line(ctx, prompt, false)
	fmt.Fprintln(p.to) // the Enter did not show either
	if ctx.Err() != nil {
		return nil, fault.Errorf(fault.Interrupted, "no PIN was entered: %w", ErrInterrupted)
	}
	if err != nil {
		return nil, fault.Errorf(fault.Token, "no PIN was entered: %w", err)
	}
	if len(pin) == 0 {
		return nil, fault.Errorf(fault.Token, "no PIN was entered")
	}
	return pin, nil
}

// line asks a question when the terminal is ready for the answer, and reads one
// line, without its end. It returns early when ctx is done, as it is after Ctrl-C;
// then nothing stays that a shell would read as a command.
func (p linePrompter) line(ctx context.Context, question string, echo bool) ([]byte, error) {
	fd := int(p.stdin.Fd())
	restore, err := lineMode(fd, echo)
	if err != nil {
		return nil, err
	}
	defer restore()
	fmt.Fprint(p.to, words.Printable(question))
	defer func() { *p.used = 0 }()
	buffer := make([]byte, 4096) // the longest line of a Linux terminal
	n, err := readCanceled(ctx, p.stdin, buffer)
	if err == nil && (n == 0 || buffer[n-1] != '\n') {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		hsm.Wipe(buffer)
		unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH)
		return nil, err
	}
	return buffer[:n-1], nil
}

// readCanceled reads once, until ctx is done.
func readCanceled(ctx context.Context, file *os.File, into []byte) (int, error) {
	r, err := cancelreader.NewReader(file)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	defer context.AfterFunc(ctx, func() { r.Cancel() })()
	n, err := r.Read(into)
	if ctx.Err() != nil {
		return n, context.Cause(ctx)
	}
	return n, err
}

// lineMode makes the terminal edit lines, send signals and, with echo, show what
// is typed. restore undoes it.
func lineMode(fd int, echo bool) (restore func(), err error) {
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	mode := *before
	mode.Iflag |= unix.ICRNL
	mode.Lflag |= unix.ICANON | unix.ISIG | unix.ECHO
	if !echo {
		mode.Lflag &^= unix.ECHO | unix.ECHONL
	}
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &mode); err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	return func() { unix.IoctlSetTermios(fd, unix.TCSETS, before) }, nil
}
