package custody

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
)

// lastTry is a token that is locked by the next wrong PIN.
type lastTry struct {
	pad   bool // it has a PIN pad
	tried []string
	spent []string
}

func (l *lastTry) Info() hsm.TokenInfo {
	return hsm.TokenInfo{Label: "officer", Serial: "00ff", ProtectedPath: l.pad, LoginRequired: true}
}

func (l *lastTry) Login(_ context.Context, pin []byte) error {
	l.tried = append(l.tried, string(pin))
	if l.pad {
		return nil
	}
	return fmt.Errorf("C_Login: %w", hsm.ErrPINFinalTry)
}

func (l *lastTry) LoginFinalTry(_ context.Context, pin []byte) error {
	l.spent = append(l.spent, string(pin))
	return nil
}

func (l *lastTry) AskPIN(func(context.Context, *hsm.Key) ([]byte, error)) {}

func (l *lastTry) PINChecked() bool { return true }

// TestLastTry spends the last try of a PIN when a person says so, and never for a
// PIN that lies in a file.
func TestLastTry(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(file, []byte("1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		source  string
		answers []string
		spent   []string
		asked   int
	}{
		"yes":         {"ask", []string{"1234", "spend the last try on 00ff"}, []string{"1234"}, 2},
		"no":          {"ask", []string{"1234", "no"}, nil, 2},
		"from a file": {"file:" + file, []string{ceremonytest.AsAsked, ceremonytest.AsAsked}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			source, err := hsm.ParsePINSource(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			token, person, log := &lastTry{}, &ceremonytest.Person{Answers: tt.answers}, &lines{}
			err = login(t.Context(), room.Room{Prompter: person}, log, workspace.SiteToken{Name: "o", PIN: source}, token)
			if (err == nil) != (tt.spent != nil) || !slices.Equal(token.spent, tt.spent) || len(token.tried) != 1 || len(person.Asked) != tt.asked {
				t.Errorf("got %v, tried %q, spent %q, asked %q", err, token.tried, token.spent, person.Asked)
			}
			if _, agreed := last[transcript.Agreed](*log); agreed != (tt.spent != nil) {
				t.Errorf("log %+v", *log)
			}
		})
	}
	token, person := &lastTry{pad: true}, &ceremonytest.Person{}
	if err := login(t.Context(), room.Room{Prompter: person}, &lines{}, workspace.SiteToken{Name: "o"}, token); err != nil || len(person.Asked) != 0 || token.tried[0] != "" {
		t.Errorf("on a PIN pad: %v, asked %q, tried %q", err, person.Asked, token.tried)
	}
}

// TestUseEnds leaves no token logged in, whatever became of the act.
func TestUseEnds(t *testing.T) {
	b := newBench(t)
	var used *hsm.Token
	boom := fault.Errorf(fault.Failed, "boom")
	err := Use(t.Context(), b.room(&ceremonytest.Person{}), &lines{}, b.token, func(token *hsm.Token) error {
		used = token
		return boom
	})
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
	if keys, err := used.Keys(t.Context()); err == nil {
		t.Errorf("after it the token still lists %v", keys)
	}
}

// TestTrace writes down what fails after something was begun, and nothing before.
func TestTrace(t *testing.T) {
	b := newBench(t)
	r := b.room(&ceremonytest.Person{})
	boom := fault.Errorf(fault.Failed, "boom")
	if err := trace(r, func(*log) error { return boom }); err != boom {
		t.Errorf("got %v", err)
	}
	if there, err := r.Workspace.Exists(transcript.CustodyOf("main")); there || err != nil {
		t.Errorf("a transcript of nothing: %v, %v", there, err)
	}
	err := trace(r, func(l *log) error {
		if err := l.Append(0, transcript.ActorTool, transcript.Note{Text: "begun"}); err != nil {
			return err
		}
		return boom
	})
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
	events, err := transcript.Read(r.Workspace.Folder, transcript.CustodyOf("main"))
	if err != nil || len(events) != 2 || events[1].Data != (transcript.Failed{Code: fault.WordFailed, Error: "boom"}) {
		t.Errorf("got %+v, %v", events, err)
	}
}
