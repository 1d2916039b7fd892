package roles

import (
	"errors"
	"fmt"
	"strings"
)

// Error says what is wrong with one metadata file: where, and what was found
// instead of what. It reads `FILE: FIELD: WHAT (byte OFFSET)`.
type Error struct {
	File   string // name of the file, empty until somebody who knows it adds it
	Field  string // path of the field as in the JSON, `signed.roles.root.threshold`
	Offset int    // byte offset in the file, -1 when it does not apply
	Attack Attack // what it may be a sign of, empty for none in particular
	Err    error  // what was found and what was wanted
}

// Attack names a threat in the words of Uptane Standard 2.1.0 §4.2 and §5.4.4,
// which asks clients to tell them apart.
type Attack string

const (
	ArbitrarySoftware Attack = "arbitrary software attack" // not signed by whom it must be
	Rollback          Attack = "rollback attack"           // older than what was seen
	Freeze            Attack = "freeze attack"             // expired
	MixAndMatch       Attack = "mix-and-match attack"      // not what the referring file states
	EndlessData       Attack = "endless data attack"       // larger than it may be
)

// Error is one line, harmless to show, and of bounded length: names and fields are
// an attacker's to choose.
func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.File, e.Field} {
		if part != "" {
			b.WriteString(Cut(part, maxQuote))
			b.WriteString(": ")
		}
	}
	b.WriteString(Cut(e.Err.Error(), maxError))
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " (byte %d)", e.Offset)
	}
	if e.Attack != "" {
		fmt.Fprintf(&b, " (possible %s)", e.Attack)
	}
	return Printable(b.String())
}

func (e *Error) Unwrap() error { return e.Err }

// within prefixes the field path of a decoding error with the name of the
// object member that it happened in.
func within(name string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Field: name, Offset: -1, Err: err}
	}
	switch {
	case e.Field == "":
		e.Field = name
	case strings.HasPrefix(e.Field, "["):
		e.Field = name + e.Field
	default:
		e.Field = name + "." + e.Field
	}
	return e
}

// InFile names the file in a decoding error.
func InFile(name string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) && e.File == "" {
		e.File = name
		return err
	}
	return &Error{File: name, Offset: -1, Err: err}
}

// fieldf is an error of one field, found after its bytes were read.
func fieldf(field, format string, args ...any) error {
	return &Error{Field: field, Offset: -1, Err: fmt.Errorf(format, args...)}
}

// refused is a file that a client does not take although it can be read.
func refused(file, field string, attack Attack, format string, args ...any) error {
	return &Error{File: file, Field: field, Offset: -1, Attack: attack, Err: fmt.Errorf(format, args...)}
}
