package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
)

// sheet is what an answer is written on, before it is shown.
type sheet struct {
	bytes.Buffer
	terminal screen.Terminal // that will show it
}

// terminalOf is the terminal that will show what is written to w.
func terminalOf(w io.Writer) (t screen.Terminal) {
	if s, is := w.(*sheet); is {
		t = s.terminal
	}
	return t
}

// show writes what text writes. On a terminal it is fitted into its width, and a
// verdict that people should look at has its colour.
func show(to *os.File, text func(w io.Writer)) error {
	b := sheet{terminal: prompt.Terminal(to)}
	text(&b)
	if b.terminal.Width > 0 {
		_, err := fmt.Fprintln(to, b.terminal.Render(judged(screen.Plainly("%s", strings.TrimSuffix(b.String(), "\n")))))
		return err
	}
	_, err := b.WriteTo(to)
	return err
}

// unlimited is a width for what no terminal shows.
const unlimited = 1 << 16

// printText is print for text that is laid out for the width of the terminal.
func (a *app) printText(result any, text func(wide int) screen.Text) error {
	if a.result = result; a.json() {
		return nil
	}
	terminal, wide := prompt.Terminal(a.stdout), unlimited
	if terminal.Width > 0 {
		wide = terminal.Width
	}
	_, err := fmt.Fprintln(a.stdout, terminal.Render(text(wide)))
	return err
}

// verdicts are the words that lines begin with, and what they mean. Green is for
// signatures that were verified.
var verdicts = map[string]screen.Style{"FAIL": screen.Bad, "WARN": screen.Warn, "WAIVED": screen.Warn, "keyrite:": screen.Bad, "hint:": screen.Strong}

func judged(text screen.Text) screen.Text {
	for i, line := range text {
		first, rest, _ := strings.Cut(line.Spans[0].Text, " ")
		if style, is := verdicts[first]; is {
			text[i].Spans = []screen.Span{{Text: first, Style: style}, {Text: " " + rest}}
			continue
		}
		text[i].Spans = changed(line.Spans[0].Text)
	}
	return text
}

// changed lifts out of a line what a change makes new, and that something goes.
func changed(line string) []screen.Span {
	for _, mark := range []struct {
		text  string
		style screen.Style
	}{{": added ", screen.Strong}, {": removed ", screen.Warn}, {" → ", screen.Strong}} {
		if before, after, is := strings.Cut(line, mark.text); is {
			return []screen.Span{{Text: before}, {Text: mark.text, Style: mark.style}, {Text: after, Style: mark.style}}
		}
	}
	return []screen.Span{{Text: line}}
}

// showError shows an error and its hints, as the last thing of a command.
func (a *app) showError(err error) {
	show(a.stderr, func(w io.Writer) { fault.Print(w, err) })
}
