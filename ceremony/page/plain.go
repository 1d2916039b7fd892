package page

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/words"
)

// plainWidth is how wide the text form is, in columns.
const plainWidth = 78

// plain writes the text form: complete, for screen readers, serial consoles and
// diff.
type plain struct{ strings.Builder }

// Text is the document as plain text. It holds everything that the pages hold.
func (d *Document) Text() []byte {
	w := &plain{}
	fmt.Fprintf(w, "%s\n%s\n", d.Title, strings.Repeat("=", min(plainWidth, utf8.RuneCountInString(d.Title))))
	if d.Band != "" {
		fmt.Fprintf(w, "\n*** %s ***\n", d.Band)
	}
	for _, s := range d.Sections {
		title := strings.TrimSpace(s.Mark + " " + s.Title)
		fmt.Fprintf(w, "\n\n%s\n%s\n", title, strings.Repeat("-", min(plainWidth, utf8.RuneCountInString(title))))
		for _, b := range s.Blocks {
			w.WriteByte('\n')
			b.text(w)
		}
	}
	fmt.Fprintf(w, "\n\n%s\n", d.Foot)
	return []byte(words.Printable(w.String()))
}

func (w *plain) fill(head, text string) { w.WriteString(Fill(head, text, plainWidth)) }

func (c *Cover) text(w *plain) {
	for _, line := range []string{c.Over, c.Title, c.Under, c.Sentence} {
		w.fill("", line)
	}
}

func (t *Text) text(w *plain) {
	if t.Strong {
		w.fill("! ", t.Text)
		return
	}
	w.fill("", t.Text)
}

func (f Facts) text(w *plain) {
	for _, fact := range f {
		value := fact.Value
		if value == "" {
			value = strings.Repeat("_", 30)
		}
		head := fmt.Sprintf("%-22s ", fact.Name)
		if utf8.RuneCountInString(fact.Name) > 22 {
			w.fill("", fact.Name)
			head = strings.Repeat(" ", 23)
		}
		w.fill(head, value)
	}
}

func (t *Table) text(w *plain) {
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = strings.ToUpper(c.Head)
	}
	wide := t.columns(heads)
	w.row(wide, heads)
	for _, row := range t.Rows {
		w.row(wide, row)
	}
}

// columns are the widths of a table's columns in plain text: what they hold, if
// that fits, and else less for those that are widest.
func (t *Table) columns(heads []string) []int {
	wide := make([]int, len(heads))
	sum := 2 * (len(heads) - 1)
	for i := range heads {
		for _, row := range append([][]string{heads}, t.Rows...) {
			wide[i] = max(wide[i], utf8.RuneCountInString(row[i]))
			if row[i] == "" {
				wide[i] = max(wide[i], 10)
			}
		}
		sum += wide[i]
	}
	for ; sum > plainWidth; sum-- {
		widest := slices.Index(wide, slices.Max(wide))
		wide[widest]--
	}
	return wide
}

// row writes cells side by side, two columns apart.
func (w *plain) row(wide []int, cells []string) {
	var columns [][]string
	high := 1
	for i, cell := range cells {
		if cell == "" {
			cell = strings.Repeat("_", wide[i])
		}
		column := wrap(cell, wide[i])
		columns, high = append(columns, column), max(high, len(column))
	}
	for y := range high {
		var line strings.Builder
		for i, column := range columns {
			text := ""
			if y < len(column) {
				text = column[y]
			}
			line.WriteString(text + strings.Repeat(" ", max(0, wide[i]+2-utf8.RuneCountInString(text))))
		}
		w.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

func (g *Grid) text(w *plain) {
	if g.Caption != "" {
		w.fill("", g.Caption)
	}
	for row := range 8 {
		line := ""
		for column := range 4 {
			line += fmt.Sprintf("  %2d %-13s", 8*column+row+1, g.At(8*column+row))
		}
		w.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if g.Hash != "" {
		w.fill("  ", g.Hash)
	}
}

// At is a word of the grid, or room for it.
func (g *Grid) At(i int) string {
	if i < len(g.Words) {
		return g.Words[i]
	}
	return "____________"
}

func (v *Verbatim) text(w *plain) {
	if v.Label != "" {
		w.fill("", v.Label)
	}
	for _, line := range strings.Split(v.Text, "\n") {
		w.WriteString(strings.TrimRight("    "+line, " ") + "\n")
	}
}

func (f *Figure) text(w *plain) {
	w.fill("", f.Caption)
	for _, line := range strings.Split(f.Words, "\n") {
		w.WriteString(strings.TrimRight("  "+line, " ") + "\n")
	}
}

func (s Signatures) text(w *plain) {
	for _, who := range s {
		fmt.Fprintf(w, "%s\n  name ______________________ signature ______________________ UTC ________\n", who)
	}
}

func (r Ruled) text(w *plain) {
	for range r {
		w.WriteString(strings.Repeat("_", plainWidth) + "\n")
	}
}

func (s *Step) text(w *plain) {
	w.fill(fmt.Sprintf("%-4s", s.Number), s.Title)
	for _, a := range s.Acts {
		if a.Screen {
			fmt.Fprintf(w, "     %-6s %s\n", a.Who, a.Verb)
			(&Verbatim{Text: a.Text}).text(w)
			continue
		}
		text := a.Text
		if a.Signs {
			text += "  initials [____] UTC [__:__]"
		}
		w.fill(fmt.Sprintf("     %-6s %-6s ", a.Who, a.Verb), text)
	}
}
