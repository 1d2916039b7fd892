package screen

import (
	"fmt"
	"strings"
)

// Style is what a span means; a terminal without colours shows it all the same.
type Style int

const (
	Plain  Style = iota
	Strong       // what waits for a person
	Good         // what was verified, and nothing else
	Warn         // what people should look at
	Bad          // what is refused
)

// Span is a piece of a line.
type Span struct {
	Text  string
	Style Style
}

// Line is one line before it is fitted into a width.
type Line struct {
	Spans []Span
	Hang  int  // column at which the rest goes on when the line is wrapped
	Right Span // stands at the right margin, or on a line of its own
	Mark  Span // stands before every row, also where the line is wrapped
}

// Text is lines.
type Text []Line

// Plainly is text without styles. Its lines hang where their values begin.
func Plainly(format string, args ...any) (t Text) {
	for line := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		t = append(t, Line{Spans: []Span{{Text: line}}, Hang: hangOf(line)})
	}
	return t
}

// Styled is one line in one style.
func Styled(style Style, format string, args ...any) Text {
	t := Plainly(format, args...)
	for i := range t {
		t[i].Spans[0].Style = style
	}
	return t
}

// Join is texts one below the other.
func Join(parts ...Text) (t Text) {
	for _, part := range parts {
		t = append(t, part...)
	}
	return t
}

// Blank is an empty line.
var Blank = Text{{}}

// maxHang is how far right the value of a label can begin.
const maxHang = 24

// hangOf is the column at which the value of a line begins, behind a label and at
// least two spaces; two more than the margin where there is no label.
func hangOf(line string) int {
	margin := len(line) - len(strings.TrimLeft(line, " "))
	label, rest, found := strings.Cut(line[margin:], "  ")
	value := strings.TrimLeft(rest, " ")
	if hang := len([]rune(line[:margin]+label)) + 2 + len(rest) - len(value); found && value != "" && hang <= maxHang {
		return hang
	}
	return margin + 2
}

// String is the text as it is on a terminal without limits.
func (t Text) String() string { return Terminal{}.Render(t) }
