package screen

import (
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
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

// Text is the card for a width.
func (c Card) Text(wide int) Text {
	return Join(Blank, Styled(Strong, "%s", c.Title), Facts(c.Facts...), Blank, Grid(c.Sum, wide))
}
