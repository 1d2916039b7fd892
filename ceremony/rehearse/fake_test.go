package rehearse

import (
	"context"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
)

// narrow is a Prompter of 40 columns, which keeps what it has shown.
type narrow struct {
	prompt.Prompter
	shown []string
}

func (narrow) Terminal() screen.Terminal { return screen.Terminal{Width: 40, Height: 24} }

func (n *narrow) Show(text screen.Text) { n.shown = append(n.shown, n.Terminal().Render(text)) }

func (n *narrow) Line(_ context.Context, question string) (string, error) {
	n.shown = append(n.shown, question)
	return "", nil
}

func (n *narrow) PIN(_ context.Context, question string) ([]byte, error) {
	n.shown = append(n.shown, question)
	return nil, nil
}

// TestEveryRowIsFake marks each row that shows, also those on which a line or a
// question goes on, and none is wider than the terminal.
func TestEveryRowIsFake(t *testing.T) {
	n := &narrow{}
	f := fake{n}
	f.Say("policy    a text that is so long that it goes on in a second row, and a third\n\nsecond line")
	f.Show(screen.Header{Fleet: "roadster", Repository: "image", Ceremony: "2026-11-23-image-1", Heading: "step 4 of 9: sign root 2 with root-b", Who: "Name Three"}.Text())
	for _, question := range []string{
		room.WordsQuestion("sign root 1 with root-a", "3, 17 and 22"), room.ToGoOn("generate root-a") + "\n" + room.ElseStops + "\n> ",
		people.ClockQuestion("2026-11-23 05:00:00 UTC"), people.BagQuestion,
	} {
		f.Line(t.Context(), question)
		if last := n.shown[len(n.shown)-1]; !strings.HasSuffix(last, question[strings.LastIndex(question, " ")-1:]) {
			t.Errorf("the end of %q is %q", question, last)
		}
	}
	f.PIN(t.Context(), "PIN of token officer-1 (serial 0123456789abcdef, FAKE officer-1): ")
	for _, text := range n.shown {
		for row := range strings.SplitSeq(text, "\n") {
			if !strings.HasPrefix(row+" ", "FAKE ") || len([]rune(row)) > 40 {
				t.Errorf("row %q in\n%s", row, text)
			}
		}
	}
	if rows := strings.Split(n.shown[0], "\n"); len(rows) != 5 || !strings.HasPrefix(rows[1], "FAKE           ") {
		t.Errorf("got %q", rows)
	}
}
