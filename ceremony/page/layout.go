package page

// sheet is one page.
type sheet struct {
	Number, Of int
	Parts      []part
}

// part is a section, or what of it is on one page.
type part struct {
	Mark, Title string // empty where the section only goes on
	Continued   string // its mark and title then
	Blocks      []Block
}

// layout cuts a document into pages.
func (d *Document) layout() []*sheet {
	l := &layouter{m: metrics{d.Size}}
	if d.Band != "" {
		l.taken = bandHigh
	}
	for _, s := range d.Sections {
		l.section(s)
	}
	for i, p := range l.sheets {
		p.Number, p.Of = i+1, len(l.sheets)
	}
	return l.sheets
}

const (
	headHigh = 13.0 // of a section's title, in mm
	moreHigh = 8.0  // of the line that names a section which goes on
	bandHigh = 9.0
)

type layouter struct {
	m      metrics
	sheets []*sheet
	taken  float64 // of every page, before anything is on it
	used   float64
}

func (l *layouter) turn() {
	l.sheets = append(l.sheets, &sheet{})
	l.used = l.taken
}

func (l *layouter) room() float64 { return pageHigh - marginTop - marginFoot - l.used }

func (l *layouter) add(p part) {
	last := l.sheets[len(l.sheets)-1]
	last.Parts = append(last.Parts, p)
}

// section begins a section: on a new page, or where its title and something of
// its first block fit.
func (l *layouter) section(s Section) {
	if len(l.sheets) == 0 || !s.Flows || !l.begins(s) {
		l.turn()
	}
	l.add(part{Mark: s.Mark, Title: s.Title})
	l.used += headHigh
	for i, b := range s.Blocks {
		if l.leaves(s.Blocks[i:], 0) && !l.fresh() {
			l.goOn(s)
		}
		l.block(s, b)
	}
}

// leaves says whether the first of these blocks is bold text, a heading, that would
// stand at the foot of this page, below so much more, and what it is about on the next.
func (l *layouter) leaves(blocks []Block, above float64) bool {
	head, is := blocks[0].(*Text)
	if !is || !head.Strong || len(blocks) == 1 {
		return false
	}
	first, _ := blocks[1].split(l.m, l.room()-above-head.height(l.m))
	return first == nil
}

// goOn turns the page within a section.
func (l *layouter) goOn(s Section) {
	l.turn()
	l.add(part{Continued: s.Mark + " " + s.Title})
	l.used += moreHigh
}

func (l *layouter) begins(s Section) bool {
	if len(s.Blocks) == 0 {
		return l.room() >= headHigh
	}
	first, _ := s.Blocks[0].split(l.m, l.room()-headHigh)
	return first != nil && l.room() >= headHigh+keep && !l.leaves(s.Blocks, headHigh)
}

// keep is the least that stands below a title, in mm.
const keep = 24.0

// block sets a block on this page and as many more as it takes. What does not
// even fit on an empty page is set all the same: the test of the pages finds it.
func (l *layouter) block(s Section, b Block) {
	for b != nil {
		first, rest := b.split(l.m, l.room())
		if first == nil && l.fresh() {
			first, rest = b, nil
		}
		if _, step := b.(*Step); step && l.steps() == maxSteps {
			first, rest = nil, b
		}
		if first != nil {
			parts := l.sheets[len(l.sheets)-1].Parts
			parts[len(parts)-1].Blocks = append(parts[len(parts)-1].Blocks, first)
			l.used += first.height(l.m)
		}
		if b = rest; b != nil {
			l.goOn(s)
		}
	}
}

// maxSteps is how many steps a page holds: people lose their place among more.
const maxSteps = 7

// steps counts those on this page.
func (l *layouter) steps() (n int) {
	for _, p := range l.sheets[len(l.sheets)-1].Parts {
		for _, b := range p.Blocks {
			if _, step := b.(*Step); step {
				n++
			}
		}
	}
	return n
}

// fresh says whether nothing but a title is on this page.
func (l *layouter) fresh() bool {
	parts := l.sheets[len(l.sheets)-1].Parts
	return len(parts) == 1 && len(parts[0].Blocks) == 0
}
