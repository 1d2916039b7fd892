package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// person types these lines, one for each question, and yes or no.
type person struct {
	prompt.Prompter
	types func(question string) string
	no    error
	asked []string
	said  []string

	terminal screen.Terminal
}

func (p *person) Asks() bool { return true }

func (p *person) Say(format string, args ...any) { p.Show(screen.Plainly(format, args...)) }

func (p *person) Show(text screen.Text) { p.said = append(p.said, text.String()) }

func (p *person) Page(_ context.Context, text screen.Text) { p.Show(text) }

func (p *person) Used() int { return 0 }

func (p *person) Terminal() screen.Terminal { return p.terminal }

func (p *person) Line(_ context.Context, question string) (string, error) {
	p.asked = append(p.asked, question)
	return p.types(question), p.no
}

// lines is a log that fails at its line of that number, from 1.
type lines struct {
	list []transcript.Data
	fail int
}

var errDisk = errors.New("the disk is full")

func (l *lines) Append(_ int, _ string, data transcript.Data) error {
	if len(l.list)+1 == l.fail {
		return errDisk
	}
	l.list = append(l.list, data)
	return nil
}

var paper = Paper{What: "plan", Hash: digest.Of([]byte("plan")), Words: 4, Else: "look"}

// placesOf are those that a question asks for.
func placesOf(question string) (places []int) {
	for _, field := range strings.Fields(strings.NewReplacer(",", " ", ":", " ").Replace(question)) {
		var place int
		if _, err := fmt.Sscan(field, &place); err == nil {
			places = append(places, place)
		}
	}
	return places
}

// read is what somebody types who reads a paper.
func read(paper digest.SHA256) func(string) string {
	return func(question string) string {
		var typed []string
		for _, place := range placesOf(question) {
			typed = append(typed, paper.Words()[place-1])
		}
		return strings.ToUpper(strings.Join(typed, "  "))
	}
}

func TestCompare(t *testing.T) {
	p, log := &person{types: read(paper.Hash)}, &lines{}
	if err := (Room{Prompter: p}).Compare(t.Context(), log, paper); err != nil {
		t.Fatal(err)
	}
	places := placesOf(p.asked[0])
	if want := []transcript.Data{transcript.Compared{What: "plan", Places: places}}; len(places) != 4 || !reflect.DeepEqual(log.list, want) {
		t.Errorf("asked %q, log %+v", p.asked, log.list)
	}
}

// TestComparedWithAnother has the paper of another plan: after three tries it ends,
// and nothing that was said gives a word away.
func TestComparedWithAnother(t *testing.T) {
	p, log := &person{types: read(digest.Of([]byte("another")))}, &lines{}
	err := (Room{Prompter: p}).Compare(t.Context(), log, paper)
	if fault.CodeOf(err) != fault.Unverified || !strings.HasPrefix(err.Error(), "the plan is not the one on your paper: ") || !slices.Equal(fault.Hints(err), []string{"look"}) {
		t.Errorf("got %v (code %d)", err, fault.CodeOf(err))
	}
	if len(p.asked) != maxTries || maxTries != 3 || p.asked[0] != p.asked[2] || len(log.list) != 3 {
		t.Errorf("asked %q, log %+v", p.asked, log.list)
	}
	for _, word := range paper.Hash.Words() {
		if text := fmt.Sprint(p.said, err, log.list); strings.Contains(text, word) {
			t.Errorf("%s\nsays %s", text, word)
		}
	}
}

func TestCompareNobody(t *testing.T) {
	err := (Room{Prompter: prompt.Nobody(io.Discard)}).Compare(t.Context(), &lines{}, paper)
	if fault.CodeOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
}

// TestUnwritten does not go on where the transcript does not take what was
// answered.
func TestUnwritten(t *testing.T) {
	for _, types := range []func(string) string{read(paper.Hash), read(digest.SHA256{})} {
		p := &person{types: types}
		if err := (Room{Prompter: p}).Compare(t.Context(), &lines{fail: 1}, paper); err != errDisk || len(p.asked) != 1 {
			t.Errorf("got %v, asked %q", err, p.asked)
		}
	}
	for fail, asked := range map[int]int{1: 0, 2: 1} {
		p := &person{types: func(string) string { return "yes" }}
		if err := (Room{Prompter: p}).Consent(t.Context(), &lines{fail: fail}, Question{Phrase: "yes"}); err != errDisk || len(p.asked) != asked {
			t.Errorf("line %d: got %v, asked %q", fail, err, p.asked)
		}
	}
	if err := (Room{Prompter: &person{types: func(string) string { return "" }, no: prompt.ErrDeclined}}).Consent(t.Context(), &lines{fail: 2}, Question{}); err != errDisk {
		t.Errorf("a no that is not written: %v", err)
	}
}

func TestWrong(t *testing.T) {
	w := paper.Hash.Words()
	places := []int{3, 17, 22, 30}
	for _, tt := range []struct {
		typed []string
		want  string
	}{
		{[]string{w[2], w[16], w[21], w[29]}, ""},
		{[]string{w[2], w[16], w[21], "x"}, "word 30 differs"},
		{[]string{w[16], w[2], w[21], w[29]}, "words 3 and 17 differ"},
		{[]string{w[0], w[1], w[2], w[3]}, "words 3, 17, 22 and 30 differ"},
		{[]string{w[2], w[16], w[21]}, "got 3 words, want 4"},
		{[]string{w[2], w[16], w[21], w[29], w[30]}, "got 5 words, want 4"},
		{nil, "got 0 words, want 4"},
	} {
		if got := paper.wrong(places, tt.typed); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.typed, got, tt.want)
		}
	}
}

// TestDraw draws every place there is, each once, ascending, and others each time.
func TestDraw(t *testing.T) {
	all, err := draw(32)
	if err != nil || !slices.IsSorted(all) || len(slices.Compact(all)) != 32 || all[0] != 1 || all[31] != 32 {
		t.Errorf("got %v, %v", all, err)
	}
	drawn := map[string]bool{}
	for range 20 {
		places, err := draw(4)
		if err != nil {
			t.Fatal(err)
		}
		drawn[fmt.Sprint(places)] = true
	}
	if len(drawn) < 10 {
		t.Errorf("twenty draws of four: %v", drawn)
	}
}

// TestUnattended stands in the log as a consent does.
func TestUnattended(t *testing.T) {
	log := &lines{}
	q := Question{Step: 3, Who: "Ada", Phrase: "sign root 1 with root-a"}
	if err := (Room{}).Unattended(log, q, "ci", []string{"timestamp"}); err != nil {
		t.Error(err)
	}
	if want := []transcript.Data{transcript.Unattended{Phrase: q.Phrase, Token: "ci", Roles: []string{"timestamp"}}}; !reflect.DeepEqual(log.list, want) {
		t.Errorf("log %+v, want %+v", log.list, want)
	}
}
