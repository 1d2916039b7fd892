package strict

import (
	"errors"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
)

// Source remembers where each field of a file stands, so that checks made
// after decoding can name the line. Embed it with the tag `yaml:"-"`.
type Source struct {
	file  string
	above int                 // lines of the file above the part that was decoded
	lines map[string]int      // line of each field, by field path
	names map[string][]string // names in each mapping, in the file's order
}

func (s *Source) keep(from Source) { *s = from }

// Errorf makes an error about one field. A field that is not in the file is
// reported at the line of the nearest one around it.
func (s *Source) Errorf(code fault.Code, path, format string, args ...any) *fault.Error {
	line, around := 0, path
	for line == 0 && around != "" {
		line = s.lines[around]
		around = around[:max(0, strings.LastIndexAny(around, ".["))]
	}
	return s.Problem(max(line, 1), code, path, format, args...)
}

// Problem makes an error about one line. Of a value or a name that fills the file
// it shows both ends.
func (s *Source) Problem(line int, code fault.Code, path, format string, args ...any) *fault.Error {
	what, path := error(short{fmt.Errorf(format, args...)}), words.Line(words.Cut(path, maxPath))
	at := fault.Place{File: s.file, Line: s.above + line, Field: path, Message: what.Error()}
	problem := fault.Errorf(code, "%s:%d: %s %w", at.File, at.Line, path, what)
	if path == "" {
		problem = fault.Errorf(code, "%s:%d: %w", at.File, at.Line, what)
	}
	if code == fault.Usage {
		problem.Called(fault.WordMalformed)
	}
	return problem.At(at)
}

// The longest field path and the longest problem that an error shows, in bytes.
const (
	maxPath    = 200
	maxProblem = 500
)

// short is an error of bounded length.
type short struct{ err error }

func (s short) Error() string { return words.Cut(s.err.Error(), maxProblem) }

func (s short) Unwrap() error { return s.err }

// Join makes one error of many. A malformed file is malformed first,
// whatever else is wrong with it, so the lowest code wins.
func Join(problems []*fault.Error) error {
	switch len(problems) {
	case 0:
		return nil
	case 1:
		return problems[0]
	}
	code, all := problems[0].Code, make([]error, len(problems))
	for i, problem := range problems {
		code, all[i] = min(code, problem.Code), problem
	}
	return &fault.Error{Code: code, Err: errors.Join(all...)}
}

// At is the source of a part of a file that has some lines above it.
func At(file string, above int) Source { return Source{file: file, above: above} }

// FileName is the file that was decoded, as it was named to [Decode].
func (s *Source) FileName() string { return s.file }

// NamesIn lists the names in a mapping, in the file's order.
func (s *Source) NamesIn(path string) []string { return s.names[path] }
