package page

import (
	"slices"
	"strings"
)

// whole is the split of what stays in one piece.
func whole(b Block, m metrics, room float64) (first, rest Block) {
	if b.height(m) > room {
		return nil, b
	}
	return b, nil
}

func (c *Cover) split(m metrics, room float64) (Block, Block)     { return whole(c, m, room) }
func (t *Text) split(m metrics, room float64) (Block, Block)      { return whole(t, m, room) }
func (g *Grid) split(m metrics, room float64) (Block, Block)      { return whole(g, m, room) }
func (f *Figure) split(m metrics, room float64) (Block, Block)    { return whole(f, m, room) }
func (r Ruled) split(m metrics, room float64) (Block, Block)      { return whole(r, m, room) }
func (s Signatures) split(m metrics, room float64) (Block, Block) { return whole(s, m, room) }

// split cuts facts only where there are many: a few belong together.
func (f Facts) split(m metrics, room float64) (first, rest Block) {
	if high := f.height(m); high > room && high < pageHigh/2 {
		return nil, f
	}
	n, used := 0, gap
	for n < len(f) && used+f[n].height(m) <= room {
		used += f[n].height(m)
		n++
	}
	switch n {
	case 0:
		return nil, f
	case len(f):
		return f, nil
	}
	return f[:n], f[n:]
}

func (t *Table) split(m metrics, room float64) (first, rest Block) {
	n, used := 0, gap+t.headHeight(m)
	for n < len(t.Rows) && used+t.rowHeight(m, t.Rows[n]) <= room {
		used += t.rowHeight(m, t.Rows[n])
		n++
	}
	switch n {
	case 0:
		return nil, t
	case len(t.Rows):
		return t, nil
	}
	return &Table{t.Columns, t.Rows[:n]}, &Table{t.Columns, t.Rows[n:]}
}

// split keeps a step in one piece, unless it is higher than a page: then it cuts
// between acts, and between the lines of a screen.
func (s *Step) split(m metrics, room float64) (first, rest Block) {
	if high := s.height(m); high <= room || high < pageHigh-marginTop-marginFoot-moreHigh {
		return whole(s, m, room)
	}
	room -= (&Step{Title: s.Title}).height(m)
	var now []Act
	left := slices.Clone(s.Acts)
	for len(left) > 0 && left[0].height(m) <= room {
		room -= left[0].height(m)
		now, left = append(now, left[0]), left[1:]
	}
	if len(left) > 0 && left[0].Screen {
		if upper, lower, ok := left[0].cut(m, room); ok {
			now, left[0] = append(now, upper), lower
		}
	}
	switch {
	case len(now) == 0:
		return nil, s
	case len(left) == 0:
		return s, nil
	}
	return &Step{s.Number, s.Title, now}, &Step{s.Number, strings.TrimSuffix(s.Title, continued) + continued, left}
}

const continued = " (continued)"

// cut cuts a screen between two lines.
func (a Act) cut(m metrics, room float64) (upper, lower Act, ok bool) {
	lines := strings.Split(a.Text, "\n")
	part := func(list []string) Act {
		act := a
		act.Text = strings.Join(list, "\n")
		return act
	}
	n := len(lines) - 1
	for n > 0 && part(lines[:n]).height(m) > room {
		n--
	}
	if n == 0 {
		return a, a, false
	}
	return part(lines[:n]), part(lines[n:]), true
}

// split keeps what is short in one piece.
func (v *Verbatim) split(m metrics, room float64) (first, rest Block) {
	if high := v.height(m); high > room && high < pageHigh/2 {
		return nil, v
	}
	lines := strings.Split(v.Text, "\n")
	part := func(list []string, label string) *Verbatim { return &Verbatim{label, strings.Join(list, "\n")} }
	n := len(lines)
	for n > 0 && part(lines[:n], v.Label).height(m) > room {
		n--
	}
	switch n {
	case 0:
		return nil, v
	case len(lines):
		return v, nil
	}
	label := v.Label
	if label != "" {
		label = strings.TrimSuffix(label, continued) + continued
	}
	return part(lines[:n], v.Label), part(lines[n:], label)
}
