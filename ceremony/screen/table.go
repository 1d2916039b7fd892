package screen

import "strings"

// Table is rows below a head, in columns as wide as they need to be. Where they
// do not fit, each row is set as a title with facts. A row may have a note, which
// stands below it.
type Table struct {
	Head []string
	Rows []Row
}

// Row is a row of a table.
type Row struct {
	Cells []Span
	Note  string
}

const columnGap = 2

// Text is the table for a width.
func (t Table) Text(wide int) Text {
	widths := t.widths()
	total := 0
	for _, w := range widths {
		total += w + columnGap
	}
	if total-columnGap+1 > wide {
		return t.stacked()
	}
	text := Text{t.line(widths, heads(t.Head))}
	for _, row := range t.Rows {
		text = append(text, t.line(widths, row.Cells))
		text = append(text, row.note()...)
	}
	return text
}

func heads(names []string) (cells []Span) {
	for _, name := range names {
		cells = append(cells, Span{Text: strings.ToUpper(name)})
	}
	return cells
}

func (t Table) widths() []int {
	widths := make([]int, len(t.Head))
	for _, row := range append([]Row{{Cells: heads(t.Head)}}, t.Rows...) {
		for i, c := range row.Cells {
			widths[i] = max(widths[i], columns(Terminal{}.cells([]Span{c})))
		}
	}
	return widths
}

func (t Table) line(widths []int, cells []Span) Line {
	line := Line{Spans: []Span{{Text: " "}}, Hang: 3}
	for i, c := range cells {
		line.Spans = append(line.Spans, c)
		if i < len(cells)-1 {
			gap := widths[i] - columns(Terminal{}.cells([]Span{c})) + columnGap
			line.Spans = append(line.Spans, Span{Text: strings.Repeat(" ", gap)})
		}
	}
	return line
}

func (t Table) stacked() (text Text) {
	for _, row := range t.Rows {
		text = append(text, Line{Spans: []Span{{Text: " "}, row.Cells[0]}, Hang: 3})
		for i, c := range row.Cells[1:] {
			if c.Text != "" {
				text = append(text, Facts(Fact{strings.ToLower(t.Head[i+1]), []Span{c}})...)
			}
		}
		text = append(text, row.note()...)
	}
	return text
}

func (r Row) note() Text {
	if r.Note == "" {
		return nil
	}
	return Text{{Spans: []Span{{"   " + r.Note, Warn}}, Hang: 3}}
}
