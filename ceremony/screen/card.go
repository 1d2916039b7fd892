package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/words"
)

// Header stands above each step: where people are, and who acts.
type Header struct {
	Fleet, Repository, Ceremony string
	Time                        time.Time // zero: not shown
	Heading                     string    // step 4 of 9: sign root 2 with root-b
	Who                         string    // acts; empty: nobody is asked
}

// Text is the header in two lines.
func (h Header) Text() Text {
	top := Line{Spans: []Span{{Text: strings.Join([]string{h.Fleet, h.Repository, h.Ceremony}, " · ")}}, Hang: 2}
	if !h.Time.IsZero() {
		top.Right.Text = h.Time.UTC().Format("15:04:05 UTC")
	}
	return Text{top, {Spans: []Span{{h.Heading, Strong}}, Hang: 2, Right: Span{Text: h.Who}}}
}

// Fact is a name with what it is.
type Fact struct {
	Name  string
	Value []Span
}

// Of is a fact in plain words.
func Of(name, value string) Fact { return Fact{name, []Span{{Text: value}}} }

// labelWidth is where the values of facts begin.
const labelWidth = 17

// Facts are names with their values, in two columns.
func Facts(facts ...Fact) (t Text) {
	for _, f := range facts {
		label := "  " + f.Name
		label += strings.Repeat(" ", max(2, labelWidth-len([]rune(label))))
		t = append(t, Line{Spans: append([]Span{{Text: label}}, f.Value...), Hang: labelWidth})
	}
	return t
}

// Card is what one person is asked about, whole: it fits 80×24 below its header
// and above its question.
type Card struct {
	Title string
	Facts []Fact
	Sum   digest.SHA256 // of the bytes to sign; zero: not known yet
}

// cardRows is how many rows a card takes at most where the grid has its full width:
// 24 are left with two of a header, a blank one, and three of a question.
const cardRows = 18

// Text is the card for a width. Facts that have no room are shortened, the longest
// first: who looks at the details sees all of them.
func (c Card) Text(wide int) Text {
	title, grid := Styled(Strong, "%s", c.Title), Grid(c.Sum, wide)
	facts := c.Facts
	if t := (Terminal{Width: wide}); wide >= GridWidth {
		facts = fitted(t, facts, max(1, cardRows-2-len(grid)-t.Rows(title)))
	}
	return Join(Blank, title, Facts(facts...), Blank, grid)
}

// Screens is the card for a terminal of which so many rows are taken by what stands
// around it: in one, or else its facts and its words on screens of their own.
func (c Card) Screens(t Terminal, around int) []Text {
	whole := c.Text(t.Columns())
	if t.Height == 0 || t.Rows(whole)+around <= t.Height {
		return []Text{whole}
	}
	title := Styled(Strong, "%s", c.Title)
	facts := fitted(t, c.Facts, max(1, t.Height-around-1-t.Rows(title)))
	return []Text{Join(Blank, title, Facts(facts...)), Join(Blank, Grid(c.Sum, t.Columns()))}
}

// fitted are facts that take at most that many rows.
func fitted(t Terminal, facts []Fact, room int) []Fact {
	facts = slices.Clone(facts)
	for t.Rows(Facts(facts...)) > room {
		longest := 0
		for i := range facts {
			if t.Rows(Facts(facts[i])) > t.Rows(Facts(facts[longest])) {
				longest = i
			}
		}
		if t.Rows(Facts(facts[longest])) == 1 {
			return thinned(t, facts, room)
		}
		facts[longest].Value = shortened(facts[longest].Value, t.Width-labelWidth)
	}
	return facts
}

// thinned are some of facts, which take one row each: the first ones, and the last ones,
// which say who signs.
func thinned(t Terminal, facts []Fact, room int) (thin []Fact) {
	for n := room; n == room || n > 0 && t.Rows(Facts(thin...)) > room; n-- {
		first := n / 2
		last := max(0, n-1-first)
		more := Of("", fmt.Sprintf("and %d more, which v shows", len(facts)-first-last))
		thin = slices.Concat(facts[:first], []Fact{more}, facts[len(facts)-last:])
	}
	return thin
}

// whereMore ends what was shortened. Where the ellipsis is three dots it is as wide as
// that.
const whereMore = "…, which v shows"

// shortened is what fits of spans into a number of columns.
func shortened(spans []Span, wide int) (short []Span) {
	left := wide - len(whereMore)
	for _, span := range spans {
		fits := ""
		for _, r := range words.Line(span.Text) {
			if left -= runeColumns(r); left < 0 {
				return append(short, Span{strings.TrimRight(fits, " ,"), span.Style}, Span{Text: whereMore})
			}
			fits += string(r)
		}
		short = append(short, Span{fits, span.Style})
	}
	return append(short, Span{Text: whereMore})
}
