package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
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

func TestPrint(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"plain", errors.New("trust.yaml is gone"), "keyrite: trust.yaml is gone\n"},
		{"hints", Errorf(Failed, "gone").Hint("look").Hint("ask"), "keyrite: gone\nhint: look\nhint: ask\n"},
		{"two", errors.Join(errors.New("a"), errors.New("b")), "keyrite: a\n  b\n"},
		{"a line that looks like ours", errors.New("a\nhint: b\nkeyrite: c"), "keyrite: a\n  hint: b\n  keyrite: c\n"},
		{"a hint of two lines", Errorf(Failed, "a").Hint("%s", "b\nhint: c"), "keyrite: a\nhint: b\\u000ahint: c\n"},
		{"what drives a terminal", Errorf(Failed, "%s", "\x1b[2J\r\x9b").Hint("\u202e"), "keyrite: \\u001b[2J\\u000d\\x9b\nhint: \\u202e\n"},
	} {
		var b strings.Builder
		Print(&b, test.err)
		if got := b.String(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestPrintIsShort shows that an error of a megabyte keeps its beginning and its end.
func TestPrintIsShort(t *testing.T) {
	long := strings.Repeat("\x1b", 1<<20)
	var b strings.Builder
	Print(&b, Errorf(Failed, "here: %s; want there", long).Hint("do %s that", long))
	got := b.String()
	if len(got) > 2*8*maxShown || strings.Contains(got, "\x1b") {
		t.Errorf("%d bytes", len(got))
	}
	for _, want := range []string{"keyrite: here: ", "; want there\n", "hint: do ", " that\n", "(1048594 bytes)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not there", want)
		}
	}
}
