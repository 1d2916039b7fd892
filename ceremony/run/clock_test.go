package run

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/policies"
)

func TestPresent(t *testing.T) {
	here := []policies.Person{{Name: "Anna One"}, {Name: "Anna Two"}, {Name: "Ben Three"}, {Name: "Anna One"}}
	for typed, want := range map[string]string{
		"Anna One, Ben Three": "Anna One+Ben Three",
		"one,THREE":           "Anna One+Ben Three",
		" two , one, three":   "Anna Two+Anna One+Ben Three",
		"Anna, Ben":           `"Anna": got 2 people of that name here, want one`,
		"one, Anna One":       "got Anna One, want two people",
		"one":                 "got Anna One, want two people",
		"one, somebody":       `"somebody": got 0 people`,
		"one,":                `"": got 0 people`,
	} {
		names, err := present(here, strings.Split(typed, ","))
		got := strings.Join(names, "+")
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %s, want %s", typed, got, want)
		}
	}
}

// TestConfirmClock asks until two people who are here have said so, and takes no answer
// for none.
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
		d := &desk{roll: people.Roll{Parts: []people.Part{{Name: "a"}, {Name: "b"}}, Waived: true}}
		for i, name := range tt.here {
			if _, err := d.roll.Arrive(name, []string{"a", "b"}[i], time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		m := &machine{Run: &Run{Room: room.Room{Prompter: &scripted{Prompter: prompt.Nobody(io.Discard), answers: tt.answers, asked: &asked}, Now: time.Now}}, desk: d}
		r := &preflight.Report{Inspected: transcript.Inspected{Lines: []transcript.Inspection{open}}}
		if err := m.confirmClock(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := string(r.Lines[0].Verdict) + " " + r.Lines[0].Text; got != tt.want || asked != len(tt.answers) {
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
