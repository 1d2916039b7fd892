package custody

import (
	"context"
	"errors"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

// TestUnattended keeps a token open between two acts where nobody is asked for its
// PIN, and never where a person is. It is closed at the end, and after an act that
// failed: others can use it then.
func TestUnattended(t *testing.T) {
	b := newBench(t)
	asks := b.token
	var err error
	if asks.PIN, err = hsm.ParsePINSource("ask"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		tokens *Unattended
		people bool
		same   bool
	}{
		{"nobody is there", &Unattended{}, false, true},
		{"a person types the PIN", &Unattended{}, true, false},
		{"people are there", nil, false, false},
	} {
		declared, person := b.token, &ceremonytest.Person{Answers: []string{hsmtest.PIN, hsmtest.PIN}}
		if tt.people {
			declared = asks
		}
		var used []*hsm.Token
		act := func(token *hsm.Token) error { used = append(used, token); return nil }
		for range 2 {
			if err := tt.tokens.Use(t.Context(), b.room(person), &lines{}, declared, act); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
		}
		if same := used[0] == used[1]; same != tt.same {
			t.Errorf("%s: the same token: %v", tt.name, same)
		}
		if err := tt.tokens.Close(); err != nil {
			t.Error(err)
		}
		b.labels() // nobody holds it
	}
}

func TestUnattendedFails(t *testing.T) {
	b, tokens, errAct := newBench(t), &Unattended{}, errors.New("the act failed")
	for range 2 {
		err := tokens.Use(t.Context(), b.room(&ceremonytest.Person{}), &lines{}, b.token, func(*hsm.Token) error { return errAct })
		if !errors.Is(err, errAct) || len(tokens.open) != 0 {
			t.Errorf("got %v, %d open", err, len(tokens.open))
		}
	}
	b.use(func(ctx context.Context, token *hsm.Token) error { return nil })
}
