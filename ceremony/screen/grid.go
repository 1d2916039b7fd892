package screen

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/digest"
)

// Unknown stands for what is not known yet, on paper.
const Unknown = "________"

const (
	gridColumns = 4
	gridColumn  = 15 // a number, a space, the longest word, a gap

	// GridWidth is how wide a grid is with nothing beside it.
	GridWidth = gridColumns * gridColumn
)

// Grid is the 32 words of a hash, numbered, so that one can say "word nine": 4×8
// in 60 columns, with the hash itself beside it where there is room; fewer columns
// on a narrower terminal. Without a hash it has blanks.
func Grid(sum digest.SHA256, wide int) Text {
	list := gridWords(sum)
	across := gridColumns
	for across > 1 && across*gridColumn > wide {
		across /= 2
	}
	down := len(list) / across
	beside := make([]string, down)
	if across == gridColumns && wide >= GridWidth+len("  7c4d c631") && !sum.IsZero() {
		beside = besideGrid(sum)
	}
	var t Text
	for row := range down {
		var b strings.Builder
		for col := range across {
			n := col*down + row
			fmt.Fprintf(&b, "%3d %-11s", n+1, list[n])
		}
		t = append(t, Line{Spans: []Span{{Text: strings.TrimRight(b.String()+"  "+beside[row], " ")}}})
	}
	return t
}

// Words is the grid of a hash for people to write down or to print: with nothing beside
// it, in 60 columns or fewer.
func (t Terminal) Words(sum digest.SHA256) Text { return Grid(sum, min(t.Columns(), GridWidth)) }

func gridWords(sum digest.SHA256) []string {
	if !sum.IsZero() {
		return sum.Words()
	}
	return strings.Fields(strings.Repeat(Unknown+" ", len(sum)))
}

// besideGrid is the hash in eight rows of two groups.
func besideGrid(sum digest.SHA256) (rows []string) {
	text := sum.String()
	for i := 0; i < len(text); i += 8 {
		rows = append(rows, text[i:i+4]+" "+text[i+4:i+8])
	}
	return rows
}

// Groups is a hash in groups of four digits, which wrap like words.
func Groups(hex string) string {
	var b strings.Builder
	for i, r := range hex {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
