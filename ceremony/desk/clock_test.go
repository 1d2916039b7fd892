package desk

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
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

// TestWhoComparedClock asks until two people who are here have said so, and takes no
// answer for none.
func TestWhoComparedClock(t *testing.T) {
	two := []string{"Anna One", "Ben Two"}
	for _, tt := range []struct {
		name          string
		here, answers []string
		want          string
	}{
		{"two", two, []string{"one, two"}, "Anna One, Ben Two"},
		{"after a slip", two, []string{"one", "one, three", "two, one"}, "Ben Two, Anna One"},
		{"no answer", two, []string{" "}, ""},
		{"one person", two[:1], nil, ""},
	} {
		asked := 0
		d := &Desk{roll: people.Roll{Parts: []people.Part{{Name: "a"}, {Name: "b"}}, Waived: true}}
		d.Room = room.Room{Prompter: &scripted{Prompter: prompt.Nobody(io.Discard), answers: tt.answers, asked: &asked}, Now: time.Now}
		for i, name := range tt.here {
			if _, err := d.roll.Arrive(name, []string{"a", "b"}[i], time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		names, err := d.WhoComparedClock(t.Context())
		if got := strings.Join(names, ", "); err != nil || got != tt.want || asked != len(tt.answers) {
			t.Errorf("%s: got %q, %v after %d questions, want %q", tt.name, got, err, asked, tt.want)
		}
	}
	if names, err := (*Desk)(nil).WhoComparedClock(t.Context()); names != nil || err != nil {
		t.Errorf("without a desk: %q, %v", names, err)
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
