package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// long is text of n lines.
func long(n int) string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d", i+1)
	}
	return strings.Join(lines, "\n")
}

func rows(n int) *Table {
	t := &Table{Columns: []Column{{Head: "Number", Width: 30}, {Head: "Text", Width: 140}}}
	for i := range n {
		t.Rows = append(t.Rows, []string{fmt.Sprint(i + 1), ""})
	}
	return t
}

// TestLayout sets blocks that do not fit on one page and demands that no page is
// higher than a page, that nothing is lost, and that all is in order.
func TestLayout(t *testing.T) {
	facts, acts := Facts{}, []Act{}
	for i := range 60 {
		facts = append(facts, Fact{Name: fmt.Sprintf("line %d", i+1)})
		acts = append(acts, Act{Who: "IW", Verb: "DO", Text: fmt.Sprintf("line %d", i+1), Signs: true})
	}
	for what, test := range map[string]struct {
		block Block
		want  int // lines or rows
	}{
		"table":    {rows(60), 60},
		"facts":    {facts, 60},
		"verbatim": {&Verbatim{Label: "what", Text: long(200)}, 200},
		"acts":     {&Step{Number: "1", Title: "step", Acts: acts}, 60},
		"screen":   {&Step{Number: "1", Title: "step", Acts: []Act{{Verb: "SCREEN", Text: long(200), Screen: true}}}, 200},
	} {
		d := &Document{Title: "x", Size: 11, Sections: []Section{{Title: "x", Blocks: []Block{&Text{Text: long(10)}, test.block}}}}
		sheets := d.layout()
		if len(sheets) < 3 {
			t.Errorf("%s: %d pages", what, len(sheets))
		}
		var found []string
		for _, s := range sheets {
			found = append(found, linesOf(t, what, d.Size, s)...)
		}
		if len(found) != 10+test.want {
			t.Errorf("%s: %d lines, want %d", what, len(found), 10+test.want)
		}
		for i, line := range found[10:] {
			if !strings.HasSuffix(" "+line, fmt.Sprintf(" %d", i+1)) {
				t.Errorf("%s: line %d is %q", what, i+1, line)
				break
			}
		}
	}
}

// linesOf are the lines of a page, which must fit on it.
func linesOf(t *testing.T, what string, size float64, s *sheet) (lines []string) {
	high := 0.0
	for _, p := range s.Parts {
		high += headHigh
		for _, b := range p.Blocks {
			high += b.height(metrics{size})
			switch b := b.(type) {
			case *Text:
				lines = append(lines, strings.Split(b.Text, "\n")...)
			case *Verbatim:
				lines = append(lines, strings.Split(b.Text, "\n")...)
			case *Table:
				for _, row := range b.Rows {
					lines = append(lines, row[0])
				}
			case Facts:
				for _, fact := range b {
					lines = append(lines, fact.Name)
				}
			case *Step:
				for _, a := range b.Acts {
					lines = append(lines, strings.Split(a.Text, "\n")...)
				}
			}
		}
	}
	if high > pageHigh-marginTop-marginFoot+headHigh-moreHigh {
		t.Errorf("%s: page %d is %.0f mm high", what, s.Number, high)
	}
	return lines
}

// TestSevenSteps keeps steps that would fit on fewer pages seven to a page.
func TestSevenSteps(t *testing.T) {
	var blocks []Block
	for i := range 15 {
		blocks = append(blocks, &Step{Number: fmt.Sprint(i + 1), Title: "step", Acts: []Act{{Who: "IW", Verb: "DO", Text: "one line"}}})
	}
	d := &Document{Title: "x", Size: 6, Sections: []Section{{Title: "x", Blocks: blocks}}}
	var got []int
	for _, s := range d.layout() {
		n := 0
		for _, p := range s.Parts {
			n += len(p.Blocks)
		}
		got = append(got, n)
	}
	if !slices.Equal(got, []int{7, 7, 1}) {
		t.Errorf("got %v steps a page, want 7, 7, 1", got)
	}
}

// TestSections begin on a page of their own, or go on where there is room.
func TestSections(t *testing.T) {
	section := func(flows bool, n int) Section {
		return Section{Title: "x", Flows: flows, Blocks: []Block{&Verbatim{Text: long(n)}}}
	}
	for _, test := range []struct {
		what     string
		sections []Section
		want     []int // sections, or parts of them, by page
	}{
		{"each on its own", []Section{section(false, 3), section(false, 3)}, []int{1, 1}},
		{"one goes on", []Section{section(false, 3), section(true, 3)}, []int{2}},
		{"no room for a title and a little", []Section{section(false, 50), section(true, 3)}, []int{1, 1}},
		{"it goes on, and over", []Section{section(false, 30), section(true, 40)}, []int{2, 1}},
	} {
		var got []int
		for _, s := range (&Document{Size: 11, Sections: test.sections}).layout() {
			got = append(got, len(s.Parts))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.what, got, test.want)
		}
	}
}

// TestWhole sets blocks that stay in one piece, three to two pages.
func TestWhole(t *testing.T) {
	d := &Document{Size: 11, Sections: []Section{{Title: "x", Blocks: []Block{Ruled(12), Ruled(12), Ruled(12)}}}}
	var got []int
	for _, s := range d.layout() {
		got = append(got, len(s.Parts[0].Blocks))
	}
	if !slices.Equal(got, []int{2, 1}) {
		t.Errorf("got %v", got)
	}
}

// TestVerbatimHeight counts the lines into which a long one breaks.
func TestVerbatimHeight(t *testing.T) {
	m := metrics{10}
	one, four := m.verbatim("x", 100), m.verbatim("x\n"+strings.Repeat("12345 ", 20), 100) // 46 columns
	if one != 1 || four != 4 {
		t.Errorf("got %d and %d lines", one, four)
	}
}

func TestBand(t *testing.T) {
	d := &Document{Title: "x", Size: 10, Sections: []Section{{Title: "a", Blocks: []Block{&Text{Text: "b"}}}, {Title: "c"}}}
	html, err := d.HTML()
	if err != nil || strings.Contains(string(html), `class="band"`) || strings.Contains(string(d.Text()), "***") {
		t.Errorf("a band without need, %v", err)
	}
	d.Band = "FAKE"
	html, err = d.HTML()
	if n := strings.Count(string(html), `<div class="band">FAKE</div>`); err != nil || n != d.Pages() || n != 2 {
		t.Errorf("%d bands on %d pages, %v", n, d.Pages(), err)
	}
	tight := []Section{{Title: "x", Blocks: []Block{Ruled(12), Ruled(13)}}} // fits, but for the band
	if with, without := (&Document{Band: "FAKE", Size: 10, Sections: tight}).Pages(), (&Document{Size: 10, Sections: tight}).Pages(); with != 2 || without != 1 {
		t.Errorf("%d pages with a band, %d without", with, without)
	}
	if !strings.Contains(string(d.Text()), "*** FAKE ***") {
		t.Error("the text form has no band")
	}
}

// TestHeadings holds that bold text, alone or below the title of a section, stands on the
// page of what follows it, wherever on a page it comes.
func TestHeadings(t *testing.T) {
	for above := range 70 {
		for _, flows := range []bool{false, true} {
			d := &Document{Title: "x", Size: 10, Sections: []Section{{Title: "x", Blocks: []Block{&Text{Text: long(above + 1)}}}}}
			blocks := []Block{&Text{Text: "about the table", Strong: true}, rows(3)}
			if flows {
				d.Sections = append(d.Sections, Section{Title: "y", Flows: true, Blocks: blocks})
			} else {
				d.Sections[0].Blocks = append(d.Sections[0].Blocks, blocks...)
			}
			for _, s := range d.layout() {
				last := s.Parts[len(s.Parts)-1]
				if len(last.Blocks) == 0 {
					t.Fatalf("%d lines: a title at the foot of a page", above)
				}
				if text, is := last.Blocks[len(last.Blocks)-1].(*Text); is && text.Strong {
					t.Fatalf("%d lines: bold text at the foot of a page", above)
				}
			}
		}
	}
}
