package rehearse

import (
	"cmp"
	"context"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// narrow is a Prompter of 40 columns, which keeps what it has shown.
type narrow struct {
	prompt.Prompter
	shown []string
	wide  int // 0: 40
	used  int
}

func (n narrow) Used() int { return n.used }

func (narrow) Asks() bool { return true }

func (n narrow) Terminal() screen.Terminal {
	return screen.Terminal{Width: cmp.Or(n.wide, 40), Height: 24}
}

func (n *narrow) Show(text screen.Text) {
	n.shown = append(n.shown, n.Terminal().Render(text))
	n.used += n.Terminal().Rows(text)
}

func (n *narrow) Line(_ context.Context, question string) (string, error) {
	n.used = 0
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

// TestShowFits shows PIN and words without anything that leaves the screen before
// somebody has seen it.
func TestShowFits(t *testing.T) {
	w := &World{Name: "rehearsals/2026-11-23-image-1/FAKE-1", Rehearsal: &workspace.Rehearsal{Of: "2026-11-23-image-1"}, Plan: digest.Of([]byte("plan")), Room: digest.Of([]byte("room"))}
	for _, wide := range []int{40, 60, 80, 120} {
		n := &narrow{wide: wide}
		if err := w.Show(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		rows, shown := 0, strings.Join(n.shown, "\n")
		for _, text := range n.shown {
			rows += strings.Count(text, "\n") + 1
			if rows > 24 {
				t.Errorf("%d columns: %d rows before anybody is asked\n%s", wide, rows, shown)
			}
			if strings.HasSuffix(text, prompt.GoOn) {
				rows = 0
			}
		}
		for row := range strings.SplitSeq(shown, "\n") {
			if !strings.HasPrefix(row, "FAKE") || len(row) > wide && len(strings.Fields(row)) > 2 { // a word that is wider stays whole
				t.Errorf("%d columns: %q", wide, row)
			}
		}
		for _, word := range append(w.Plan.Words(), w.Room.Words()...) {
			if !strings.Contains(shown, word) {
				t.Errorf("%d columns: no %s", wide, word)
			}
		}
	}
}
