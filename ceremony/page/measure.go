package page

import (
	"strings"
	"unicode/utf8"
)

// An A4 page and its margins in mm: left for the binding, below for the number.
const (
	pageHigh   = 297.0
	marginTop  = 14.0
	marginFoot = 25.0
	// Width is what lies between the margins.
	Width = 210.0 - 25 - 15
)

// metrics measures text of one size. Fonts differ between machines, so it takes
// letters for a little wider than those of the usual ones are.
type metrics struct {
	size float64 // of the text, in points
}

const (
	millimetres = 0.3528 // of a point
	leading     = 1.32   // of a line, in its size
	letter      = 0.505  // of the size: what a letter of text is wide
	monoLetter  = 0.605  // of the size of digits and words
	small       = 0.86   // of the size: text in figures, tables and screens
)

// line is how high a line is, in mm.
func (m metrics) line() float64 { return m.size * leading * millimetres }

// lines is how many lines a text takes in a column, in which long words break.
func (m metrics) lines(text string, wide float64, mono bool) int {
	width := letter
	if mono {
		width = monoLetter
	}
	columns := max(4, int(wide/(m.size*width*millimetres)))
	n := 0
	for _, paragraph := range strings.Split(text, "\n") {
		n += len(wrap(paragraph, columns))
	}
	return n
}

// verbatim is how many lines a text takes that breaks only where it must.
func (m metrics) verbatim(text string, wide float64) int {
	columns := max(4, int(wide/(m.size*monoLetter*millimetres)))
	n := 0
	for _, line := range strings.Split(text, "\n") {
		n++
		if utf8.RuneCountInString(line) > columns {
			n += len(wrap(line, columns)) - 1
		}
	}
	return n
}

func (m metrics) smaller() metrics { return metrics{m.size * small} }

// screen is the size of what a screen shows at a step: 80 columns fit.
func (m metrics) screen() metrics { return metrics{m.size * 0.8} }
