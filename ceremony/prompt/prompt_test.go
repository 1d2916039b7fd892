package prompt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/uptane/keyrite/ceremony/fault"
	"golang.org/x/sys/unix"
)

// person sits at the other end of a pseudo-terminal.
type person struct {
	t             *testing.T
	keyboard, tty *os.File

	mu  sync.Mutex
	saw bytes.Buffer
}

// sitDown gives a Prompter for a terminal of that kind (TERM), and its person.
func sitDown(t *testing.T, kind string) (Prompter, *person) {
	t.Setenv("TERM", kind)
	t.Setenv("KEYRITE_PLAIN", "")
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close(); keyboard.Close() })
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, keyboard: keyboard, tty: tty}
	go io.Copy(p, keyboard)
	return New(tty, tty), p
}

func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.saw.Write(b)
}

// screen is all that was shown so far.
func (p *person) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.saw.String()
}

// types waits for a question and answers it.
func (p *person) types(question, keys string) {
	p.sees(question)
	if _, err := p.keyboard.WriteString(keys); err != nil {
		p.t.Error(err)
	}
}

func (p *person) sees(text string) {
	for range 1000 {
		if strings.Contains(p.screen(), text) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Errorf("%q never shows in %q", text, p.screen())
}

// mode is how the terminal is set.
func (p *person) mode() unix.Termios {
	mode, err := unix.IoctlGetTermios(int(p.tty.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	return *mode
}

// terminals are the two kinds of questions, by TERM.
var terminals = []string{"dumb", "xterm"}

func TestLine(t *testing.T) {
	for name, test := range map[string][2]string{
		"text":       {"sign root 2\r", "sign root 2"},
		"corrected":  {"sign root 3\x7f2\r", "sign root 2"},
		"empty line": {"\r", ""},
	} {
		for _, kind := range terminals {
			t.Run(name+" on "+kind, func(t *testing.T) {
				prompter, person := sitDown(t, kind)
				before := person.mode()
				go person.types("> ", test[0])
				if got, err := prompter.Line(t.Context(), "Root 2 will be signed.\n> "); err != nil || got != test[1] {
					t.Errorf("got %q and %v, want %q", got, err, test[1])
				}
				person.sees("Root 2 will be signed.")
				if kind == "xterm" { // the form is gone, and its answer stays
					person.sees("> " + test[1])
				}
				if person.mode() != before {
					t.Error("the terminal is not as it was")
				}
			})
		}
	}
}

// Ctrl-C is a key for a form, and a signal, which ends the context, elsewhere.
func TestLineEndsWithoutAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		kind, keys string
		want       error
	}{
		"Ctrl-C in a form":      {"xterm", "sign root 2\x03", ErrInterrupted},
		"Ctrl-D on a line":      {"dumb", "\x04", ErrDeclined},
		"Ctrl-D after the text": {"dumb", "sign root 2\x04\x04", ErrDeclined},
	} {
		t.Run(name, func(t *testing.T) {
			prompter, person := sitDown(t, test.kind)
			go person.types("> ", test.keys)
			if got, err := prompter.Line(t.Context(), "> "); got != "" || err != test.want {
				t.Errorf("got %q and %v", got, err)
			}
		})
	}
	for _, kind := range terminals {
		t.Run("interrupted on "+kind, func(t *testing.T) {
			prompter, person := sitDown(t, kind)
			before := person.mode()
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				person.types("> ", "sign ro")
				cancel()
			}()
			if _, err := prompter.Line(ctx, "> "); err != ErrInterrupted || fault.CodeOf(err) != 130 {
				t.Errorf("got %v", err)
			}
			if person.mode() != before {
				t.Error("the terminal is not as it was")
			}
		})
	}
}

func TestPIN(t *testing.T) {
	for _, kind := range terminals {
		prompter, person := sitDown(t, kind)
		before := person.mode()
		go person.types("PIN of token a: ", "123\x7f45\r")
		pin, err := prompter.PIN(t.Context(), "PIN of token a: ")
		if err != nil || string(pin) != "1245" {
			t.Errorf("got %q and %v", pin, err)
		}
		if strings.Contains(person.screen(), "1") {
			t.Errorf("the PIN shows in %q", person.screen())
		}
		if person.mode() != before {
			t.Error("the terminal is not as it was")
		}
	}
}

// TestPINAfterLine holds that a question leaves no reader behind, which would
// take keys from the next one.
func TestPINAfterLine(t *testing.T) {
	for _, kind := range terminals {
		prompter, person := sitDown(t, kind)
		for i := range 5 {
			phrase := fmt.Sprintf("sign root %d", i)
			go person.types("question "+phrase, phrase+"\r")
			if got, err := prompter.Line(t.Context(), "question "+phrase+" > "); err != nil || got != phrase {
				t.Fatalf("got %q and %v", got, err)
			}
			question := fmt.Sprintf("PIN %d: ", i)
			go person.types(question, "123456\r")
			if pin, err := prompter.PIN(t.Context(), question); err != nil || string(pin) != "123456" {
				t.Fatalf("got %q and %v", pin, err)
			}
		}
	}
}

func TestNoPIN(t *testing.T) {
	for name, keys := range map[string]string{
		"empty": "\r", "end": "\x04", "half": "12\x04\x04", "too long": strings.Repeat("1", 4096) + "\x04\x04",
	} {
		t.Run(name, func(t *testing.T) {
			prompter, person := sitDown(t, "dumb")
			go person.types("PIN: ", keys)
			pin, err := prompter.PIN(t.Context(), "PIN: ")
			if pin != nil || fault.CodeOf(err) != fault.Token {
				t.Errorf("got %q and %v", pin, err)
			}
		})
	}
}

// TestPINInterrupted holds that what was typed of a PIN does not stay behind for
// the shell, which would show it.
func TestPINInterrupted(t *testing.T) {
	prompter, person := sitDown(t, "dumb")
	before := person.mode()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		person.types("PIN: ", "12")
		time.Sleep(50 * time.Millisecond) // the keys are on their way, and show nowhere
		if mode := person.mode(); mode.Lflag&unix.ECHO != 0 || mode.Lflag&unix.ISIG == 0 {
			t.Error("while a PIN is typed: want no echo, and Ctrl-C as a signal")
		}
		cancel()
	}()
	pin, err := prompter.PIN(ctx, "PIN: ")
	if pin != nil || !errors.Is(err, ErrInterrupted) || fault.CodeOf(err) != fault.Interrupted {
		t.Errorf("got %q and %v", pin, err)
	}
	if person.mode() != before {
		t.Error("the terminal is not as it was")
	}
	if n := waiting(t, person.tty); n != 0 {
		t.Errorf("%d characters wait for the shell", n)
	}
}

// waiting is how many characters were typed and not read, in lines or not.
func waiting(t *testing.T, tty *os.File) int {
	fd := int(tty.Fd())
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Lflag &^= unix.ICANON
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFormOrLines(t *testing.T) {
	for _, test := range []struct {
		term, plain   string
		width, height uint16
		want          string
	}{
		{"xterm", "", 80, 24, "prompt.formPrompter"},
		{"xterm", "1", 80, 24, "prompt.linePrompter"},
		{"dumb", "", 80, 24, "prompt.linePrompter"},
		{"", "", 80, 24, "prompt.linePrompter"},
		{"vt220", "", 0, 0, "prompt.linePrompter"},
		{"xterm", "", 39, 24, "prompt.linePrompter"},
		{"xterm", "", 80, 9, "prompt.linePrompter"},
	} {
		_, person := sitDown(t, test.term)
		t.Setenv("KEYRITE_PLAIN", test.plain)
		if err := pty.Setsize(person.tty, &pty.Winsize{Rows: test.height, Cols: test.width}); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%T", New(person.tty, person.tty)); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

func TestWithoutTerminal(t *testing.T) {
	_, person := sitDown(t, "xterm")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, prompter := range []Prompter{New(r, w), New(person.tty, w), New(r, person.tty)} {
		_, err := prompter.Line(t.Context(), "Root 2.\n> ")
		if fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) != 1 {
			t.Errorf("got %v", err)
		}
		if _, err = prompter.PIN(t.Context(), "PIN of token a: "); fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) != 1 {
			t.Errorf("got %v", err)
		}
	}
	New(r, w).Say("step %d", 1)
	said := make([]byte, 100)
	if n, err := r.Read(said); err != nil || string(said[:n]) != "step 1\n" {
		t.Errorf("got %q and %v", said[:n], err)
	}
}

// TestHostileText holds that no text, wherever it is shown, drives the terminal.
func TestHostileText(t *testing.T) {
	const hostile = "a\x1b]0;owned\x07\u202e\u009b2J\x9bb"
	for _, kind := range terminals {
		prompter, person := sitDown(t, kind)
		prompter.Say("%s", hostile)
		go person.types("PIN ", "1\r")
		if _, err := prompter.PIN(t.Context(), "PIN "+hostile); err != nil {
			t.Error(err)
		}
		go person.types("line "+`a\u001b`, "\r")
		if _, err := prompter.Line(t.Context(), hostile+"\nline "+hostile); err != nil {
			t.Error(err)
		}
		for _, bad := range []string{"\x1b]0;", "\x07", "\u202e", "\u009b", "\x9bb"} {
			if strings.Contains(person.screen(), bad) {
				t.Errorf("%q shows in %q", bad, person.screen())
			}
		}
	}
}
