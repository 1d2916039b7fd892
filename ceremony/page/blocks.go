package page

import "slices"

// Heights in mm of what is filled in by hand, and of the space around blocks.
const (
	gap         = 3.0
	coverHigh   = 38.0
	boxHigh     = 12.0
	signHigh    = 20.0
	ruledHigh   = 9.5
	cellHigh    = 11.0 // of a word that is written by hand
	factName    = 44.0 // width of the names of facts
	cellPadding = 2.4  // above and below the text of a cell, together, and its line
	cellBeside  = 3.2
	stepText    = Width - 12 - 20 - 18 - 24 // width of what is done in a step
)

func (c *Cover) height(m metrics) float64 {
	title := metrics{26}
	return coverHigh + float64(title.lines(c.Title, Width-20, false)-1)*title.line() + float64(m.lines(c.Sentence, Width-20, false))*m.line()*bold(true) + gap
}

func (t *Text) height(m metrics) float64 {
	return float64(m.lines(t.Text, Width, false))*m.line()*bold(t.Strong) + gap
}

// bold letters are wider; the height stands for that.
func bold(is bool) float64 {
	if is {
		return 1.15
	}
	return 1
}

func (f Facts) height(m metrics) float64 {
	sum := gap
	for _, fact := range f {
		sum += fact.height(m)
	}
	return sum
}

func (f Fact) height(m metrics) float64 {
	if f.Value == "" {
		return boxHigh
	}
	n := max(m.lines(f.Value, Width-factName-cellBeside, f.Mono), m.lines(f.Name, factName-cellBeside, false))
	return float64(n)*m.line() + cellPadding
}

func (t *Table) height(m metrics) float64 {
	sum := gap + t.headHeight(m)
	for _, row := range t.Rows {
		sum += t.rowHeight(m, row)
	}
	return sum
}

func (t *Table) headHeight(m metrics) float64 {
	n := 1
	for _, c := range t.Columns {
		n = max(n, m.smaller().lines(c.Head, (c.Width-cellBeside)/1.1, false))
	}
	return float64(n)*m.smaller().line() + cellPadding
}

func (t *Table) rowHeight(m metrics, row []string) float64 {
	n := 1
	for i, cell := range row {
		n = max(n, m.smaller().lines(cell, t.Columns[i].Width-cellBeside, t.Columns[i].Mono))
	}
	high := float64(n)*m.smaller().line() + cellPadding
	if slices.Contains(row, "") {
		high = max(high, boxHigh)
	}
	return high
}

func (g *Grid) height(m metrics) float64 {
	row := m.line() + 1.6
	if g.Words == nil {
		row = cellHigh + gap/8 // and a gap above it, behind a step
	}
	high := 8*row + gap + 1
	if g.Caption != "" {
		high += m.line() * float64(m.lines(g.Caption, Width/1.1, false))
	}
	if g.Hash != "" {
		high += m.smaller().line() + 1
	}
	return high
}

func (v *Verbatim) height(m metrics) float64 {
	high := float64(m.smaller().verbatim(v.Text, Width-6))*m.smaller().line() + 4 + gap
	if v.Label != "" {
		high += m.line()
	}
	return high
}

func (f *Figure) height(m metrics) float64 { return f.High + m.line() + gap + 1 }

func (s Signatures) height(metrics) float64 { return float64((len(s)+1)/2)*(signHigh+3) + gap }

func (r Ruled) height(metrics) float64 { return float64(r)*ruledHigh + gap }

func (s *Step) height(m metrics) float64 {
	high := m.line()*float64(m.lines(s.Title, Width-30, false)) + cellPadding + 1.5
	for _, a := range s.Acts {
		high += a.height(m)
	}
	return high
}

func (a Act) height(m metrics) float64 {
	high := float64(m.lines(a.Text, stepText-cellBeside-17, false))*m.line() + cellPadding
	if a.Screen {
		high = float64(m.screen().verbatim(a.Text, Width-12-cellBeside))*m.screen().line() + cellPadding
	}
	if a.Signs {
		high = max(high, boxHigh)
	}
	return high
}
