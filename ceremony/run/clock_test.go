package run

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/desk"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// TestConfirmClock passes the check when two people who are here have said so, and asks
// nobody of a clock that is confirmed.
func TestConfirmClock(t *testing.T) {
	open := transcript.Inspection{Check: preflight.CheckClock, Verdict: transcript.Warn, Text: "the clock says 14:00, and nobody has confirmed it"}
	for _, tt := range []struct {
		name    string
		here    []string
		answers []string
		want    string
	}{
		{"two", []string{"Anna One", "Ben Two"}, []string{"one, two"}, "PASS the clock says 14:00, confirmed by Anna One, Ben Two"},
		{"after a slip", []string{"Anna One", "Ben Two"}, []string{"one", "one, three", "two, one"}, "PASS the clock says 14:00, confirmed by Anna One, Ben Two"},
		{"no answer", []string{"Anna One", "Ben Two"}, []string{" "}, "WARN the clock says 14:00, and nobody has confirmed it"},
		{"one person", []string{"Anna One"}, nil, "WARN the clock says 14:00, and nobody has confirmed it"},
	} {
		asked := 0
		r := room.Room{Prompter: &scripted{Prompter: prompt.Nobody(io.Discard), answers: tt.answers, asked: &asked}, Now: time.Now}
		roll := people.Roll{Parts: []people.Part{{Name: "a"}, {Name: "b"}}, Waived: true}
		for i, name := range tt.here {
			if _, err := roll.Arrive(name, []string{"a", "b"}[i], time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		m := &machine{Run: &Run{Room: r}, desk: desk.New(r, desk.Wanted{Roll: roll}, &workspace.Names{}, nil)}
		report := &preflight.Report{Inspected: transcript.Inspected{Lines: []transcript.Inspection{open}}}
		if err := m.confirmClock(t.Context(), report); err != nil {
			t.Fatal(err)
		}
		if got := string(report.Lines[0].Verdict) + " " + report.Lines[0].Text; got != tt.want || asked != len(tt.answers) {
			t.Errorf("%s: got %s after %d questions, want %s", tt.name, got, asked, tt.want)
		}
	}
}

// scripted answers lines.
type scripted struct {
	prompt.Prompter
	answers []string
	asked   *int
}

func (s *scripted) Line(context.Context, string) (string, error) {
	*s.asked++
	return s.answers[*s.asked-1], nil
}
