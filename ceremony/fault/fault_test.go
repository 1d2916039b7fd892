package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestCodeOf(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want Code
	}{
		{"nil", nil, 0},
		{"plain", errors.New("broken"), Failed},
		{"error", Errorf(Refused, "no"), Refused},
		{"wrapped", fmt.Errorf("plan: %w", Errorf(Usage, "no")), Usage},
		{"outermost wins", Errorf(Unverified, "input: %w", Errorf(Usage, "no")), Unverified},
		{"joined", errors.Join(errors.New("broken"), Errorf(Incomplete, "no")), Incomplete},
		{"of a token", fmt.Errorf("token a: %w", &hsm.Error{Err: hsm.ErrPINIncorrect}), Token},
		{"of a token in a file", Errorf(Usage, "site.yaml: %w", &hsm.Error{Err: hsm.ErrUsage}), Usage},
	} {
		if got := CodeOf(test.err); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	err := Errorf(Usage, "trust.yaml: %w", fs.ErrNotExist)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if got, want := err.Error(), "trust.yaml: file does not exist"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHints(t *testing.T) {
	inner := Errorf(Failed, "inner").Hint("look at %s", "inner")
	other := Errorf(Failed, "other").Hint("look at other").Hint("look at inner")
	err := Errorf(Usage, "outer: %w", errors.Join(inner, other)).Hint("look at outer")

	want := []string{"look at outer", "look at inner", "look at other"}
	if got := Hints(err); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Hints(fmt.Errorf("token a: %w", &hsm.Error{Err: hsm.ErrModule, Hint: "plug it in"})); !slices.Equal(got, []string{"plug it in"}) {
		t.Errorf("got %q, want the hint of the token", got)
	}
	if got := Hints(errors.New("plain")); got != nil {
		t.Errorf("got %q, want none", got)
	}
}
