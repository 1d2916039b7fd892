package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	for _, test := range []struct {
		head, text string
		width      int
		want       string
	}{
		{"a  ", "one two three", 12, "a  one two\n   three\n"},
		{"", "one two", 3, "one\ntwo\n"},
		{"- ", "abcdefgh x", 5, "- abc\n  def\n  gh\n  x\n"},
		{"- ", "one\n\ntwo", 20, "- one\n\n  two\n"},
		{"✓ ", "鍵鍵 鍵", 5, "✓ 鍵鍵\n  鍵\n"},
		{"x  ", "", 9, "x\n"},
	} {
		if got := Fill(test.head, test.text, test.width); got != test.want {
			t.Errorf("%q in %d: got %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

// TestGrid reads from top to bottom: word nine is the top of the second column.
func TestGrid(t *testing.T) {
	words := strings.Fields(strings.Repeat("a b ", 16))
	words[8] = "ninth"
	g := &Grid{Words: words}
	if cell := gridRows(g)[0][1]; cell.Number != 9 || cell.Word != "ninth" {
		t.Errorf("got %v", cell)
	}
	w := &plain{}
	g.text(w)
	if first, _, _ := strings.Cut(w.String(), "\n"); first != "   1 a               9 ninth          17 a              25 a" {
		t.Errorf("got %q", first)
	}
	if got := (&Grid{}).At(31); strings.Trim(got, "_") != "" {
		t.Errorf("got %q", got)
	}
}

// TestEscaped puts markup, and what drives a terminal, wherever text may stand.
func TestEscaped(t *testing.T) {
	const hostile = "</td><script>\"'\x1b[2J"
	d := &Document{Title: hostile, Foot: hostile, Band: hostile, Size: 10, Sections: []Section{{Mark: hostile, Title: hostile, Blocks: []Block{
		&Cover{hostile, hostile, hostile, hostile}, &Text{Text: hostile}, Facts{{Name: hostile, Value: hostile}},
		&Table{Columns: []Column{{Head: hostile, Width: 170}}, Rows: [][]string{{hostile}}},
		&Grid{Caption: hostile, Hash: hostile, Words: []string{hostile}}, &Verbatim{hostile, hostile},
		&Figure{Caption: hostile, Alt: hostile, High: 9, Shapes: []Shape{{Kind: "label", Text: hostile}}, Words: hostile},
		Signatures{hostile}, &Step{hostile, hostile, []Act{{Who: hostile, Verb: "DO", Text: hostile}, {Verb: "SCREEN", Text: hostile, Screen: true}}},
	}}}}
	html, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{"html": string(html), "text": string(d.Text())} {
		if form == "html" && strings.Contains(text, "<script") || strings.Contains(text, "\x1b") {
			t.Errorf("%s has it raw", form)
		}
		if n := strings.Count(text, `\u001b[2J`); n < 20 {
			t.Errorf("%s shows it %d times", form, n)
		}
	}
}

// TestContrast computes that every colour of text has a contrast of 7 to 1 with
// what is behind it (WCAG 2.1 §1.4.6): white, the two greys of rows, or, for white
// text, the dark of boxes.
func TestContrast(t *testing.T) {
	dark := regexp.MustCompile(`[; {]color: (#[0-9a-f]{3,6})`)
	n := 0
	for _, m := range dark.FindAllStringSubmatch(source, -1) {
		if m[1] == "#fff" {
			continue // on black
		}
		n++
		if got := contrast(m[1], "#e4e4e4"); got < 7 {
			t.Errorf("%s on grey: %.1f", m[1], got)
		}
	}
	if n < 3 {
		t.Errorf("%d colours", n)
	}
	box := regexp.MustCompile(`\.dark \{ fill: (#[0-9a-f]{3})`).FindStringSubmatch(source)
	if got := contrast("#fff", box[1]); got < 7 {
		t.Errorf("white on %s: %.1f", box[1], got)
	}
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	digits := strings.TrimPrefix(colour, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	sum := 0.0
	for i, share := range []float64{0.2126, 0.7152, 0.0722} {
		value, _ := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		c := float64(value) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += share * c
	}
	return sum
}

// TestDatesUnbroken keeps a date on one row, and escapes what stands beside it.
func TestDatesUnbroken(t *testing.T) {
	for text, want := range map[string]string{
		"expires 2027-11-30T19:49:23Z.": `expires <span class="unbroken">2027-11-30T19:49:23Z</span>.`,
		"by 2027-11-30":                 `by <span class="unbroken">2027-11-30</span>`,
		"2026-11-30-image-2 <b>":        `<span class="unbroken">2026-11-30</span>-image-2 &lt;b&gt;`,
		"12027-11-30":                   "12027-11-30",
	} {
		if got := string(unbroken(text)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
