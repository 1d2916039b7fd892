package desk

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// TestBags takes tokens and numbers until an empty line.
func TestBags(t *testing.T) {
	d, _ := newTestDesk()
	log, typist := &memory{}, &typist{Person: &ceremonytest.Person{}, lines: []string{"officer-1 A1", "nonsense", "exception torn", "seal officer-1 A2", ""}}
	d.Prompter = typist
	if err := d.AskOpened(t.Context(), log); err != nil || len(typist.lines) != 0 {
		t.Errorf("got %v, %q left", err, typist.lines)
	}
	want := []transcript.Data{transcript.Unbagged{Token: "officer-1", Bag: "A1"}, transcript.Exception{Number: 1, Text: "torn"}, transcript.Bagged{Token: "officer-1", Bag: "A2"}}
	if !reflect.DeepEqual(log.list, want) {
		t.Errorf("got %+v", log.list)
	}
}

// typist types lines, whatever is asked.
type typist struct {
	*ceremonytest.Person
	lines []string
}

func (p *typist) Line(context.Context, string) (line string, err error) {
	line, p.lines = p.lines[0], p.lines[1:]
	return line, nil
}

// TestOpenBags has the last bag of each token, until the token is in one again.
func TestOpenBags(t *testing.T) {
	list := func(data ...transcript.Data) (events []transcript.Event) {
		for _, d := range data {
			events = append(events, transcript.Event{Data: d})
		}
		return events
	}
	a1, a2, b1 := transcript.Unbagged{Token: "a", Bag: "1"}, transcript.Unbagged{Token: "a", Bag: "2"}, transcript.Unbagged{Token: "b", Bag: "1"}
	sealed := transcript.Bagged{Token: "a", Bag: "3"}
	for _, tt := range []struct {
		events []transcript.Event
		want   []transcript.Unbagged
	}{
		{list(sealed), nil},
		{list(a1, b1), []transcript.Unbagged{a1, b1}},
		{list(a1, b1, sealed), []transcript.Unbagged{b1}},
		{list(a1, sealed, b1, a2), []transcript.Unbagged{b1, a2}},
	} {
		if got := openBags(tt.events); !slices.Equal(got, tt.want) {
			t.Errorf("got %v, want %v", got, tt.want)
		}
	}
}
