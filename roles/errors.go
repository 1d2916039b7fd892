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
	Err    error  // what was found and what was wanted
}

func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.File, e.Field} {
		if part != "" {
			b.WriteString(part)
			b.WriteString(": ")
		}
	}
	b.WriteString(e.Err.Error())
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " (byte %d)", e.Offset)
	}
	return b.String()
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
	return fmt.Errorf("%s: %w", name, err)
}

// fieldf is an error of one field, found after its bytes were read.
func fieldf(field, format string, args ...any) error {
	return &Error{Field: field, Offset: -1, Err: fmt.Errorf(format, args...)}
}
