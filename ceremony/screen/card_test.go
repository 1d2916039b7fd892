package screen

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/digest"
)

// TestCardFits holds a card of long names and many facts to 18 rows, however wide the
// terminal is, and shortens nothing that has room.
func TestCardFits(t *testing.T) {
	short := []Fact{Of("expires", "2027-11-26 14:00 UTC, in 365 days"), Of("keys", "root + root-d"), {"new root", []Span{{"✓ root-a", Good}, {Text: "  root-b makes it 2 of 2"}}}}
	long := append([]Fact{}, short...)
	for i := range 3 {
		long = append(long, Of(fmt.Sprint("long ", i), strings.Repeat("a-key-with-a-name, ", 30)))
	}
	many := append([]Fact{}, long...)
	for i := range 9 {
		many = append(many, Of(fmt.Sprint("fact ", i), "one row"))
	}
	for name, tt := range map[string]struct {
		title string
		facts []Fact
		want  []string
	}{
		"short": {"Ada", short, []string{"✓ root-a  root-b makes it 2 of 2"}},
		"long":  {"Ada", long, []string{"✓ root-a  root-b makes it 2 of 2", "long 2", whereMore}},
		"many":  {"Ada", many, []string{"expires        2027-11-26 14:00 UTC, in 365 days\n", "and 9 more, which v shows\n", "fact 8         one row\n"}},
		"title": {strings.Repeat("Ada Lovelace ", 12), many, []string{"and 10 more, which v shows", "expires", "fact 8"}},
	} {
		for _, wide := range []int{GridWidth, 75, 80, 120} {
			card := Card{Title: tt.title, Facts: tt.facts, Sum: digest.Of([]byte("card"))}
			terminal := Terminal{Width: wide}
			text := card.Text(wide)
			shown := terminal.Render(text)
			if rows := terminal.Rows(text); rows > cardRows {
				t.Errorf("%s at %d columns: %d rows\n%s", name, wide, rows, shown)
			}
			for _, want := range tt.want {
				if wide == 80 && !strings.Contains(shown, want) {
					t.Errorf("%s: no %q in\n%s", name, want, shown)
				}
			}
			if name == "short" && strings.Contains(shown, "which v shows") {
				t.Errorf("shortened what has room:\n%s", shown)
			}
		}
	}
	if len(long[3].Value) != 1 || strings.Contains(long[3].Value[0].Text, whereMore) {
		t.Error("what was given was changed")
	}
}

// TestCardScreens has a card of long names and many facts on terminals that are too
// small for it: no screen of it is longer than they are, and the words are all there.
func TestCardScreens(t *testing.T) {
	card := Card{Title: "Ada Lovelace, crypto officer 1: token officer-1 is asked for your signature.", Sum: digest.Of([]byte("card"))}
	for i := range 14 {
		card.Facts = append(card.Facts, Of(fmt.Sprint("fact ", i), "root-a makes it 2 of 3, then root-b and root-c"))
	}
	for _, t40 := range []Terminal{{Width: 35, Height: 24}, {Width: 40, Height: 24}, {Width: 59, Height: 24}, {Width: 60, Height: 24}, {Width: 80, Height: 20}, {Width: 40, Height: 60}} {
		const around = 6
		screens := card.Screens(t40, around)
		if want := map[bool]int{true: 1, false: 2}[t40.Height == 60 || t40.Width == 60]; len(screens) != want {
			t.Errorf("%+v: %d screens, want %d", t40, len(screens), want)
		}
		shown := ""
		for _, text := range screens {
			if rows := t40.Rows(text); rows+around > t40.Height {
				t.Errorf("%+v: %d rows, want at most %d\n%s", t40, rows, t40.Height-around, t40.Render(text))
			}
			shown += t40.Render(text)
		}
		for n, word := range card.Sum.Words() {
			if !strings.Contains(shown, fmt.Sprintf("%d %s", n+1, word)) {
				t.Errorf("%+v: no word %d", t40, n+1)
			}
		}
	}
	if got := card.Screens(Terminal{}, 99); len(got) != 1 {
		t.Errorf("a terminal without a size: %d screens", len(got))
	}
}
