package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"syscall"
	"testing"

	"github.com/uptane/keyrite/hsm"
)

func TestWordOf(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want Word
	}{
		{"nil", nil, ""},
		{"plain", errors.New("broken"), WordFailed},
		{"by exit code", Errorf(Refused, "no"), WordRefused},
		{"interrupted", Errorf(Interrupted, "no"), WordInterrupt},
		{"called", Errorf(Failed, "no").Called(WordLocked), WordLocked},
		{"called below", fmt.Errorf("here: %w", Errorf(Usage, "no").Called(WordMalformed)), WordMalformed},
		{"called below another exit code", Errorf(Unverified, "here: %w", Errorf(Usage, "no").Called(WordMalformed)), WordUnverified},
		{"a file", fmt.Errorf("x: %w", fs.ErrNotExist), WordFileMissing},
		{"a file that is no matter", Errorf(Unverified, "x: %w", fs.ErrNotExist), WordUnverified},
		{"the disk", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, WordDiskFull},
		{"a PIN", fmt.Errorf("token a: %w", &hsm.Error{Err: hsm.ErrPINIncorrect}), WordPINWrong},
		{"a token", &hsm.Error{Err: hsm.ErrFailed}, WordToken},
		{"a token that is not here, in a step", Errorf(Token, "step 1: %w", &hsm.Error{Err: hsm.ErrTokenNotFound}), WordTokenMissing},
	} {
		if got := WordOf(test.err); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestWords holds that words are words, each once, and that what errors are called is
// among them.
func TestWords(t *testing.T) {
	seen := map[Word]bool{}
	for _, w := range Words() {
		if seen[w.Word] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(string(w.Word)) || w.Means == "" {
			t.Errorf("%+v", w)
		}
		seen[w.Word] = true
	}
	for _, m := range append(ofFiles, ofTokens...) {
		if !seen[m.word] {
			t.Errorf("%q is not listed", m.word)
		}
	}
	for _, code := range []Code{Failed, Usage, Refused, Unverified, Incomplete, Token, Interrupted} {
		if w := first(code); w == WordFailed && code != Failed {
			t.Errorf("exit code %d has no word", code)
		}
	}
}

func TestReportOf(t *testing.T) {
	place := Place{File: "trust.yaml", Line: 3, Field: "a.b", Message: "is\x1b 1, want 2"}
	err := errors.Join(
		Errorf(Usage, "trust.yaml:3: a.b is\x1b 1, want 2").Called(WordMalformed).At(place).Hint("mend it"),
		Errorf(Usage, "trust.yaml:9: c is gone").At(Place{Field: "c", Message: "is gone"}))
	got, marshalErr := json.Marshal(ReportOf(err))
	want := `{"code":"file-malformed","exit":2,"message":"trust.yaml:3: a.b is\\u001b 1, want 2\ntrust.yaml:9: c is gone",` +
		`"where":[{"file":"trust.yaml","line":3,"field":"a.b","message":"is\\u001b 1, want 2"},{"field":"c","message":"is gone"}],"hints":["mend it"]}`
	if marshalErr != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, marshalErr, want)
	}
	if got, _ := json.Marshal(ReportOf(errors.New("x"))); string(got) != `{"code":"failed","exit":1,"message":"x","where":[],"hints":[]}` {
		t.Errorf("got %s", got)
	}
}
