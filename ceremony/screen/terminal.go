package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/words"
	"golang.org/x/text/width"
)

// Terminal is how much a terminal can show.
type Terminal struct {
	Width, Height int  // 0: no limit
	Colour        bool // it takes ANSI escape sequences (ECMA-48 SGR)
	ASCII         bool // its locale is not UTF-8
}

// Columns is the width to lay things out for.
func (t Terminal) Columns() int {
	if t.Width == 0 {
		return 80
	}
	return t.Width
}

// Restores says whether what a pager covered comes back.
func (t Terminal) Restores() bool { return t.Colour }

// cell is one character with its style.
type cell struct {
	r     rune
	style Style
}

// Render fits text into the terminal: lines are broken between words, and what
// goes on hangs below the value. A word that is wider than the terminal stays
// whole. All that is foreign is made printable.
func (t Terminal) Render(text Text) string {
	var b strings.Builder
	for _, line := range text {
		for _, row := range t.rows(line) {
			t.write(&b, row)
			b.WriteByte('\n')
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// rows are those of a line, each behind its mark.
func (t Terminal) rows(line Line) [][]cell {
	mark := t.cells([]Span{line.Mark})
	wide := t.Columns() - columns(mark)
	if t.Width > 0 {
		t.Width = max(1, wide)
	}
	rows := t.unmarked(line, wide)
	for i := range rows {
		rows[i] = slices.Concat(mark, rows[i])
	}
	return rows
}

func (t Terminal) unmarked(line Line, wide int) [][]cell {
	left, right := t.cells(line.Spans), t.cells([]Span{line.Right})
	if len(right) == 0 {
		return t.wrap(left, line.Hang)
	}
	gap := wide - columns(left) - columns(right)
	if gap >= 2 {
		return [][]cell{slices.Concat(left, spaces(gap), right)}
	}
	return append(t.wrap(left, line.Hang), t.wrap(append(spaces(line.Hang), right...), line.Hang)...)
}

// cells are the characters of spans, printable.
func (t Terminal) cells(spans []Span) (cells []cell) {
	for _, span := range spans {
		text := words.Line(span.Text)
		if t.ASCII {
			text = ascii(text)
		}
		for _, r := range text {
			cells = append(cells, cell{r, span.Style})
		}
	}
	return cells
}

func (t Terminal) wrap(cells []cell, hang int) (rows [][]cell) {
	hang = min(hang, t.Width/2)
	for t.Width > 0 && columns(cells) > t.Width {
		cut := breakAt(cells, t.Width)
		if cut < 0 {
			break
		}
		rows = append(rows, cells[:cut])
		cells = append(spaces(hang), trimmed(cells[cut:])...)
	}
	return append(rows, cells)
}

// breakAt is the last space at which a row of at most wide columns ends, or the
// first one behind a word that is wider; -1 when there is none.
func breakAt(cells []cell, wide int) int {
	begin, last, used := len(cells)-len(trimmed(cells)), -1, 0
	for i, c := range cells {
		if c.r == ' ' && i > begin && cells[i-1].r != ' ' {
			if used > wide && last >= 0 {
				return last
			}
			if len(trimmed(cells[i:])) == 0 {
				break
			}
			last = i
			if used > wide {
				return last
			}
		}
		used += runeColumns(c.r)
	}
	return last
}

func trimmed(cells []cell) []cell {
	for len(cells) > 0 && cells[0].r == ' ' {
		cells = cells[1:]
	}
	return cells
}

func spaces(n int) []cell {
	row := make([]cell, n)
	for i := range row {
		row[i].r = ' '
	}
	return row
}

func columns(cells []cell) (n int) {
	for _, c := range cells {
		n += runeColumns(c.r)
	}
	return n
}

// runeColumns is how wide a character is (Unicode UAX #11).
func runeColumns(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

var sgr = map[Style]string{Strong: "\x1b[1m", Good: "\x1b[32m", Warn: "\x1b[33m", Bad: "\x1b[31m"}

// write sets a row, with colours where there are some.
func (t Terminal) write(b *strings.Builder, row []cell) {
	for len(row) > 0 && row[len(row)-1].r == ' ' {
		row = row[:len(row)-1]
	}
	now := Plain
	for _, c := range row {
		if c.style != now && t.Colour {
			if now != Plain {
				b.WriteString("\x1b[0m")
			}
			b.WriteString(sgr[c.style])
			now = c.style
		}
		b.WriteRune(c.r)
	}
	if now != Plain {
		b.WriteString("\x1b[0m")
	}
}

var plainSigns = strings.NewReplacer("✓", "ok", "·", "-", "…", "...", "–", "-", "−", "-", "→", "->", "“", `"`, "”", `"`, "’", "'", "×", "x",
	"├", "|", "┤", "|", "─", "-", "│", "|")

// ascii is text for a terminal that shows nothing else.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range plainSigns.Replace(text) {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// Rows is how many rows text takes: a word that is wider than the terminal, which that
// breaks by itself, more than one.
func (t Terminal) Rows(text Text) (n int) {
	for _, line := range text {
		for _, row := range t.rows(line) {
			n++
			if t.Width > 0 {
				n += max(0, columns(row)-1) / t.Width
			}
		}
	}
	return n
}
