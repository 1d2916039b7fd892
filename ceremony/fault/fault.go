package fault

import (
	"errors"
	"fmt"
	"io"

	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/hsm"
)

// Code is the exit code of the command. The codes are part of the interface:
// documented, tested and stable, so that scripts and CI may rely on them.
type Code int

const (
	Failed     Code = 1 // it went wrong, and nothing below says it better
	Usage      Code = 2 // wrong usage; a file that people write is malformed
	Refused    Code = 3 // refused by policy
	Unverified Code = 4 // verification failed, inputs changed, a bundle is damaged
	Incomplete Code = 5 // not complete yet: signatures missing, something overdue
	Token      Code = 6 // HSM or PIN trouble

	Interrupted Code = 130 // a person pressed Ctrl-C
)

// Error is an error for people: what is wrong, how the command ends, and what
// they can do about it. Its text reads `where: what; got X, want Y`.
type Error struct {
	Code  Code
	Err   error
	Hints []string // what to do, one sentence each, printed on lines of their own
	Word  Word     // finer than Code, for programs; empty: that of Code
	Where []Place  // what is wrong in files, for programs
}

// Errorf makes an Error. The format and its %w are those of [fmt.Errorf].
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Hint adds a line of advice and returns the same Error.
func (e *Error) Hint(format string, args ...any) *Error {
	e.Hints = append(e.Hints, fmt.Sprintf(format, args...))
	return e
}

// Suggest adds the name that somebody may have meant, if one is near, and returns the
// same Error.
func (e *Error) Suggest(written string, names []string) *Error {
	if name, near := words.Nearest(written, names); near {
		return e.Hint("did you mean %s?", name)
	}
	return e
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the exit code for an error: 0 for nil, the code of the
// outermost Error in its tree, else Token if it came from a module or a token,
// else Failed.
func CodeOf(err error) Code {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	if token := (*hsm.Error)(nil); errors.As(err, &token) {
		return Token
	}
	return Failed
}

// Hints collects the advice of all errors in a tree, outermost first, each
// once.
func Hints(err error) []string {
	var hints []string
	seen := make(map[string]bool)
	walkErrors(err, func(err error) {
		for _, hint := range hintsOf(err) {
			if !seen[hint] {
				seen[hint] = true
				hints = append(hints, hint)
			}
		}
	})
	return hints
}

func hintsOf(err error) []string {
	switch e := err.(type) {
	case *Error:
		return e.Hints
	case *hsm.Error:
		if e.Hint != "" {
			return []string{e.Hint}
		}
	}
	return nil
}

// maxShown bounds what is shown of one error or hint, in bytes: room for every
// problem of a file, and no more than a few screens.
const maxShown = 8 << 10

// Print shows an error and its hints, each on a line of its own: the one door
// through which errors leave. Names of files, key ids and whatever else an
// attacker chose cannot drive the terminal, nor look like a line of keyrite's own:
// all lines of an error but the first are indented.
func Print(w io.Writer, err error) {
	fmt.Fprintf(w, "keyrite: %s\n", indented(message(err)))
	for _, hint := range Hints(err) {
		fmt.Fprintf(w, "hint: %s\n", words.Line(words.Cut(hint, maxShown)))
	}
}

// walkErrors visits an error and all that it wraps, in the order of errors.As.
func walkErrors(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		walkErrors(e.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			walkErrors(err, visit)
		}
	}
}
