package screen

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds what a terminal shows against a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name + ".txt"
	if *update {
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", file, got)
	}
}

var sum = digest.Of([]byte("bytes to sign"))

// card is the screen of one consent, of the size that real ones have.
func card(t Terminal) Text {
	header := Header{Fleet: "roadster", Repository: "image", Ceremony: "2026-11-26-image-2", Time: time.Date(2026, 11, 26, 14, 3, 21, 0, time.UTC),
		Heading: "step 4 of 9: sign root 2 with root-b", Who: "Name Three"}
	c := Card{Title: "Name Three, crypto officer 2: token officer-2 is asked for your signature.", Sum: sum, Facts: []Fact{
		Of("expires", "2027-11-26 14:00 UTC, in 365 days (root 1: 2026-12-03)"), Of("keys", "root + root-d − root-c"),
		Of("thresholds", "root 2 → 3"), {"policy", []Span{{"WAIVED ROOT-KEYS by A. Example", Warn}}},
		{"previous root", []Span{{"✓ root-a", Good}, {Text: "  root-b makes it 2 of 2"}}}, Of("new root", "root-b makes it 2 of 3, then root-d"),
	}}
	return Join(header.Text(), c.Text(t.Columns()), Blank, Plainly("To sign root 2 with root-b, type words 7, 12 and 30.\nv shows details. An empty line stops here."), Plainly(">"))
}

func roll(t Terminal) Text {
	return Table{Head: []string{"token", "serial", "holds", "custodian", "state"}, Rows: []Row{
		{Cells: []Span{{Text: "officer-1"}, {Text: "172167312aaba4d4"}, {Text: "root-a"}, {Text: "crypto officer 1"}, {Text: "here"}}},
		{Cells: []Span{{Text: "officer-4"}, {Text: "40b7733c11d0a95f"}, {Text: "root-d"}, {Text: "crypto officer 4"}, {"NOT HERE (step 1)", Bad}},
			Note: "a token with the label officer-4 is here, but its serial is 40b7733c11d0a95e"},
	}}.Text(t.Columns())
}

// TestGolden keeps the screens that people see: on the smallest terminal that is
// usual, on a narrow one, and where there are neither colours nor UTF-8.
func TestGolden(t *testing.T) {
	for name, terminal := range map[string]Terminal{
		"80x24": {Width: 80, Height: 24}, "40": {Width: 40, Height: 24}, "ascii": {Width: 80, Height: 24, ASCII: true}, "colour": {Width: 80, Height: 24, Colour: true},
	} {
		golden(t, "card-"+name, terminal.Render(card(terminal)))
		golden(t, "equipment-"+name, terminal.Render(roll(terminal)))
	}
	if rows := (Terminal{Width: 80}).Rows(card(Terminal{Width: 80})); rows > 24 {
		t.Errorf("the card takes %d rows, want at most 24", rows)
	}
}

// TestWidths breaks lines at every width, never inside a word, and loses none.
func TestWidths(t *testing.T) {
	text := Join(card(Terminal{}), Plainly("  key            root-a, generated on token officer-1, which is a sentence that goes on for a while"))
	for width := 40; width <= 120; width++ {
		terminal := Terminal{Width: width}
		shown := terminal.Render(text)
		for _, row := range strings.Split(shown, "\n") {
			if n := len([]rune(row)); n > width {
				t.Errorf("width %d: %d columns: %s", width, n, row)
			}
		}
		if got, want := strings.Fields(shown), strings.Fields(Terminal{}.Render(text)); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("width %d: got %q\nwant %q", width, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		width int
		line  string
		want  []string
	}{
		{20, "short", []string{"short"}},
		{20, "exactly twenty long.", []string{"exactly twenty long."}},
		{20, "one that is longer than that", []string{"one that is longer", "  than that"}},
		{20, "  label  value that goes on", []string{"  label  value that", "         goes on"}},
		{20, "a-word-that-is-longer-than-the-line and more", []string{"a-word-that-is-longer-than-the-line", "  and more"}},
		{20, "a-word-that-is-longer-than-the-line", []string{"a-word-that-is-longer-than-the-line"}},
		{20, "", []string{""}},
		{20, "漢字漢字漢字 漢字漢字漢字", []string{"漢字漢字漢字", "  漢字漢字漢字"}},
	} {
		if got := strings.Split((Terminal{Width: tt.width}).Render(Plainly("%s", tt.line)), "\n"); strings.Join(got, "|") != strings.Join(tt.want, "|") {
			t.Errorf("%q at %d: got %q, want %q", tt.line, tt.width, got, tt.want)
		}
	}
}

// TestPrintable lets no text drive the terminal, nor be two lines where it is one.
func TestPrintable(t *testing.T) {
	hostile := "a\x1b[2J\u202eb\nc"
	for _, text := range []Text{
		{{Spans: []Span{{Text: hostile}}, Right: Span{Text: hostile}}},
		Facts(Of(hostile, hostile)), Header{Fleet: hostile, Heading: hostile, Who: hostile}.Text(),
		Table{Head: []string{"x"}, Rows: []Row{{Cells: []Span{{Text: hostile}}, Note: hostile}}}.Text(80), Card{Title: "x", Facts: []Fact{Of("y", hostile)}}.Text(80),
	} {
		if shown := (Terminal{Width: 80}).Render(text); strings.ContainsAny(shown, "\x1b\u202e") {
			t.Errorf("got %q", shown)
		}
	}
	if got := (Terminal{ASCII: true}).Render(Plainly("✓ Jürgen → “x” …")); got != `ok J\u00fcrgen -> "x" ...` {
		t.Errorf("got %s", got)
	}
}

// TestGrid holds that word nine is the ninth, and that all 32 are there at any
// width.
func TestGrid(t *testing.T) {
	for _, wide := range []int{80, 60, 40, 20, 10} {
		shown := Grid(sum, wide).String()
		for i, word := range sum.Words() {
			if !strings.Contains(" "+strings.Join(strings.Fields(shown), " ")+" ", fmt.Sprintf(" %d %s ", i+1, word)) {
				t.Errorf("%d columns: no word %d in\n%s", wide, i+1, shown)
			}
		}
		for _, row := range strings.Split(shown, "\n") {
			if len(row) > max(wide, gridColumn) {
				t.Errorf("%d columns: %q", wide, row)
			}
		}
	}
	beside := strings.Join(strings.Fields(Grid(sum, 80).String()), "")
	for i := 0; i < 64; i += 4 {
		if !strings.Contains(beside, sum.String()[i:i+4]) {
			t.Errorf("%s is not beside the words", sum.String()[i:i+4])
		}
	}
	if blank := Grid(digest.SHA256{}, 80).String(); strings.Count(blank, Unknown) != 32 || strings.Contains(blank, "0000") {
		t.Errorf("got\n%s", blank)
	}
}

// TestRows counts what a terminal breaks by itself.
func TestRows(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, tt := range []struct{ wide, want int }{{0, 2}, {100, 2}, {99, 3}, {50, 3}, {49, 4}} {
		if got := (Terminal{Width: tt.wide}).Rows(Plainly("%s\nshort", long)); got != tt.want {
			t.Errorf("%d columns: got %d rows, want %d", tt.wide, got, tt.want)
		}
	}
}
