package room

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// answers are a person who types these lines, one after another, and then presses
// Ctrl-C.
func answers(list ...string) *person {
	p := &person{}
	p.types = func(string) string {
		if len(list) == 0 {
			p.no = prompt.ErrInterrupted
			return ""
		}
		line := list[0]
		list = list[1:]
		return line
	}
	return p
}

// TestConsent leaves question and answers in the log, also a no; and never what was
// typed in their place, which may have been a PIN.
func TestConsent(t *testing.T) {
	q := Question{Step: 3, Who: "crypto officer 1", Name: "Ada", What: "all of it", Phrase: "sign root 1"}
	wrong := func(word int) transcript.Data { return transcript.Mistyped{Phrase: q.Phrase, Word: word} }
	for _, tt := range []struct {
		typed []string
		want  error
		wrong []transcript.Data
	}{
		{[]string{"sign root 1"}, nil, nil},
		{[]string{"  Sign  ROOT 1 "}, nil, nil},
		{[]string{"sign root 2", "sign root 1"}, nil, []transcript.Data{wrong(3)}},
		{[]string{"1234", "sign root", "sign root 1"}, nil, []transcript.Data{wrong(1), wrong(3)}},
		{[]string{"sign root 1 now", "yes", "y", "sign root 1"}, prompt.ErrDeclined, []transcript.Data{wrong(4), wrong(1), wrong(1)}},
		{[]string{""}, prompt.ErrDeclined, nil},
		{[]string{" S "}, prompt.ErrDeclined, nil},
		{[]string{"stop"}, prompt.ErrDeclined, nil},
		{[]string{"no", "sign root 1"}, prompt.ErrDeclined, nil},
		{[]string{"v", ""}, prompt.ErrDeclined, []transcript.Data{wrong(1)}},
		{nil, prompt.ErrInterrupted, nil},
		{[]string{"sign root 2"}, prompt.ErrInterrupted, []transcript.Data{wrong(3)}},
	} {
		log := &lines{}
		if err := (Room{Prompter: answers(tt.typed...)}).Consent(t.Context(), log, q); err != tt.want {
			t.Errorf("%q: got %v, want %v", tt.typed, err, tt.want)
		}
		want := append([]transcript.Data{transcript.Asked{Who: q.Who, Name: "Ada", Phrase: q.Phrase}}, tt.wrong...)
		if tt.want == nil {
			want = append(want, transcript.Agreed{Phrase: q.Phrase})
		} else {
			want = append(want, transcript.Declined{Phrase: q.Phrase})
		}
		if !reflect.DeepEqual(log.list, want) {
			t.Errorf("%q: log %+v, want %+v", tt.typed, log.list, want)
		}
	}
}

// TestConsentByWords asks for words of the hash that the card shows, at other places
// each time.
func TestConsentByWords(t *testing.T) {
	q := Question{Phrase: "sign root 1 with root-a", Sum: digest.Of([]byte("root")), Card: screen.Card{Title: "the card"},
		Details: func() screen.Text { return screen.Plainly("all of it") }}
	q.Card.Sum = q.Sum
	drawn := map[string]bool{}
	for range 10 {
		p, log := &person{types: read(q.Sum)}, &lines{}
		p.types = func(question string) string {
			if len(p.asked) == 1 {
				return "V"
			}
			return read(q.Sum)(strings.TrimPrefix(question, "To sign root 1"))
		}
		if err := (Room{Prompter: p}).Consent(t.Context(), log, q); err != nil {
			t.Fatal(err)
		}
		if len(p.said) != 3 || !strings.Contains(p.said[0], "the card") || p.said[1] != "all of it" || p.said[2] != p.said[0] { // nothing restores the card
			t.Errorf("said %q", p.said)
		}
		asked := log.list[0].(transcript.Asked)
		if len(asked.Places) != cardWords || asked.What != q.Phrase || len(log.list) != 2 || log.list[1] != transcript.Data(transcript.Agreed{Phrase: asked.Phrase}) {
			t.Errorf("log %+v", log.list)
		}
		for i, place := range asked.Places {
			if strings.Fields(asked.Phrase)[i] != q.Sum.Words()[place-1] {
				t.Errorf("asked %+v", asked)
			}
		}
		drawn[asked.Phrase] = true
	}
	if len(drawn) < 8 {
		t.Errorf("ten times: %v", drawn)
	}
}

// TestOtherWords types words of another file.
func TestOtherWords(t *testing.T) {
	q := Question{Phrase: "sign root 1 with root-a", Sum: digest.Of([]byte("root"))}
	p, log := &person{types: func(question string) string {
		return read(digest.Of([]byte("other")))(strings.TrimPrefix(question, "To sign root 1"))
	}}, &lines{}
	if err := (Room{Prompter: p}).Consent(t.Context(), log, q); err != prompt.ErrDeclined || len(p.asked) != maxTries {
		t.Errorf("got %v after %d questions", err, len(p.asked))
	}
}

// TestDesk takes what is no answer, and does not count it as one.
func TestDesk(t *testing.T) {
	q, log := Question{Step: 4, Phrase: "yes"}, &lines{}
	var told []string
	r := Room{Prompter: answers("leave Ada", "yes"), Desk: func(_ context.Context, _ Log, step int, line string) (bool, error) {
		if step != 4 {
			t.Errorf("at step %d", step)
		}
		told = append(told, line)
		return strings.HasPrefix(line, "leave"), nil
	}}
	if err := r.Consent(t.Context(), log, q); err != nil || !slices.Equal(told, []string{"leave Ada", "yes"}) || len(log.list) != 2 {
		t.Errorf("got %v, %q, %+v", err, told, log.list)
	}
	r.Prompter, r.Desk = answers("leave Ada"), func(context.Context, Log, int, string) (bool, error) { return true, errDisk }
	if err := r.Consent(t.Context(), &lines{}, q); !errors.Is(err, errDisk) {
		t.Errorf("got %v", err)
	}
}

// TestCardInTwo shows the words of a card when somebody has read the rest, where both do
// not fit, and takes a no already there.
func TestCardInTwo(t *testing.T) {
	q := Question{Phrase: "sign root 1 with root-a", Sum: digest.Of([]byte("root")), Header: screen.Plainly("step 1\nAda"), Card: screen.Card{Title: "the card", Sum: digest.Of([]byte("root"))}}
	for _, tt := range []struct {
		terminal screen.Terminal
		first    string
		want     error
		said     int
	}{
		{screen.Terminal{Width: 80, Height: 24}, "", nil, 1},
		{screen.Terminal{Width: 40, Height: 24}, "", nil, 2},
		{screen.Terminal{Width: 40, Height: 60}, "", nil, 1},
		{screen.Terminal{Width: 40, Height: 24}, "stop", prompt.ErrDeclined, 1},
	} {
		p, log := &person{terminal: tt.terminal}, &lines{}
		p.types = func(question string) string {
			if question == WordsFollow {
				return tt.first
			}
			return read(q.Sum)(strings.TrimPrefix(question, "To sign root 1"))
		}
		if err := (Room{Prompter: p}).Consent(t.Context(), log, q); err != tt.want || len(p.said) != tt.said {
			t.Errorf("%+v: got %v, said %q", tt.terminal, err, p.said)
		}
		if _, no := log.list[len(log.list)-1].(transcript.Declined); no != (tt.want != nil) {
			t.Errorf("log %+v", log.list)
		}
	}
}
