package custody

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestTokensStayOpen keeps a token open between two acts where nobody is asked for its
// PIN, and where the first goes on in the second. It is closed at the end, and after an
// act that failed: others can use it then.
func TestTokensStayOpen(t *testing.T) {
	b := newBench(t)
	asks := b.token
	var err error
	if asks.PIN, err = hsm.ParsePINSource("ask"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		tokens *Tokens
		asks   bool
		goesOn bool
		pins   int // typed
	}{
		{"nobody is there", &Tokens{Unattended: true}, false, false, 0},
		{"a person types the PIN", &Tokens{Unattended: true}, true, false, 2},
		{"people are there", &Tokens{}, false, false, 0},
		{"the act goes on", &Tokens{}, true, true, 1},
		{"no run", nil, true, true, 2},
	} {
		declared, person := b.token, &ceremonytest.Person{Answers: slices.Repeat([]string{hsmtest.PIN}, tt.pins)}
		if tt.asks {
			declared = asks
		}
		var used []*hsm.Token
		act := func(token *hsm.Token) error { used = append(used, token); return nil }
		for i := range 2 {
			if err := tt.tokens.Use(t.Context(), b.room(person), &lines{}, declared, tt.goesOn && i == 0, act); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
		}
		if same, want := used[0] == used[1], tt.tokens != nil && (tt.tokens.Unattended && !tt.asks || tt.goesOn); same != want {
			t.Errorf("%s: the same token: %v, want %v", tt.name, same, want)
		}
		if left := len(person.Answers); left > 0 {
			t.Errorf("%s: %d PINs were not asked for", tt.name, left)
		}
		if err := tt.tokens.Close(); err != nil {
			t.Error(err)
		}
		b.labels() // nobody holds it
	}
}

func TestTokensFail(t *testing.T) {
	b, tokens, errAct := newBench(t), &Tokens{Unattended: true}, errors.New("the act failed")
	for range 2 {
		err := tokens.Use(t.Context(), b.room(&ceremonytest.Person{}), &lines{}, b.token, true, func(*hsm.Token) error { return errAct })
		if !errors.Is(err, errAct) || len(tokens.open) != 0 {
			t.Errorf("got %v, %d open", err, len(tokens.open))
		}
	}
	b.use(func(ctx context.Context, token *hsm.Token) error { return nil })
}
