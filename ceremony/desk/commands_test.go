package desk

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// memory is a log; it fails where the disk does.
type memory struct {
	list []transcript.Data
	err  error
}

func (m *memory) Append(_ int, _ string, data transcript.Data) error {
	if m.err == nil {
		m.list = append(m.list, data)
	}
	return m.err
}

func newTestDesk() (*Desk, *ceremonytest.Person) {
	person := &ceremonytest.Person{}
	d := &Desk{known: map[string][]string{}, tokens: []string{"officer-1"}, changed: func() {}}
	d.Room = room.Room{Prompter: person, Now: func() time.Time { return ceremonytest.Now }}
	d.roll = people.Roll{Parts: people.Parts(workspace.People{Administrator: 1, Witnesses: 1}, []string{"crypto officer 1"}), Shared: func(string, string) string { return "" }}
	return d, person
}

// TestTake writes down what people type besides their answers, and says what is
// wrong with it, without an end to the question.
func TestTake(t *testing.T) {
	d, person := newTestDesk()
	log := &memory{}
	for _, tt := range []struct {
		line, says string
		want       []transcript.Data
	}{
		{"arrive Ada as B. Lovelace as administrator", "Ada as B. Lovelace is here as administrator.", []transcript.Data{transcript.Arrived{Name: "Ada as B. Lovelace", Part: "administrator"}}},
		{"ARRIVE Ben as Crypto Officer 1", "Ben is here", []transcript.Data{transcript.Arrived{Name: "Ben", Part: "crypto officer 1"}}},
		{"arrive ben as internal witness", "cannot be internal witness too", nil},
		{"arrive Cleo", `there is no part ""`, nil},
		{"leave nobody", `"nobody" is not here`, nil},
		{" leave  BEN ", "BEN has left.", []transcript.Data{transcript.Left{Name: "Ben", Part: "crypto officer 1"}}},
		{"open officer-1 A 10482", "Token officer-1 came out of bag A 10482.", []transcript.Data{transcript.Unbagged{Token: "officer-1", Bag: "A 10482"}}},
		{"seal officer-1 B1", "Token officer-1 is in bag B1.", []transcript.Data{transcript.Bagged{Token: "officer-1", Bag: "B1"}}},
		{"open officer-9 A1", `"officer-9" is no token of this ceremony, want one of: officer-1`, nil},
		{"seal officer-1", "the number of a bag is", nil},
		{"seal officer-1 " + strings.Repeat("1", 65), "the number of a bag is", nil},
		{"exception the pen fell", "Exception 1 is noted", []transcript.Data{transcript.Exception{Number: 1, Text: "the pen fell"}}},
		{"exception E4 a sheet was skipped", "Exception 4 is noted", []transcript.Data{transcript.Exception{Number: 4, Text: "a sheet was skipped"}}},
		{"exception lights out", "Exception 5 is noted", []transcript.Data{transcript.Exception{Number: 5, Text: "lights out"}}},
		{"exception", "an exception wants a text", nil},
		{"roll", "internal witness", nil},
		{"help", "exception [NUMBER] TEXT", nil},
	} {
		person.Said, log.list = nil, nil
		taken, err := d.Take(t.Context(), log, 3, tt.line)
		if said := strings.Join(person.Said, "\n"); !taken || err != nil || !strings.Contains(said, tt.says) {
			t.Errorf("%q: %v, %v, said %q", tt.line, taken, err, said)
		}
		if !reflect.DeepEqual(log.list, tt.want) {
			t.Errorf("%q: log %+v, want %+v", tt.line, log.list, tt.want)
		}
	}
	for _, line := range []string{"", "yes", "generate root-a on 1", "arrived", "v", "s", "1234"} {
		if taken, err := d.Take(t.Context(), log, 3, line); taken || err != nil {
			t.Errorf("%q was taken for a command", line)
		}
	}
	log.err = errors.New("the disk is full")
	for _, line := range []string{"arrive Dee as internal witness", "open officer-1 A1", "exception x", "leave Dee"} {
		if _, err := d.Take(t.Context(), log, 3, line); !errors.Is(err, log.err) {
			t.Errorf("%q: got %v", line, err)
		}
	}
}

// TestCommandsAreNoWords holds that nobody can mean a command by a word of a hash.
func TestCommandsAreNoWords(t *testing.T) {
	d, _ := newTestDesk()
	for value := range 256 {
		for _, word := range strings.Fields(words.Of([]byte{byte(value), byte(value)})) {
			if taken, _ := d.Take(t.Context(), &memory{}, 0, word+" x y"); taken {
				t.Errorf("%s is a command", word)
			}
		}
	}
}
