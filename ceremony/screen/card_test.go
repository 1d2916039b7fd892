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
