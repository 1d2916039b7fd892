package ceremony

import (
	"errors"
	"fmt"
	"strings"
)

// source remembers where each field of a file stands, so that checks made
// after decoding can name the line. Embed it with the tag `yaml:"-"`.
type source struct {
	file  string
	above int                 // lines of the file above the part that was decoded
	lines map[string]int      // line of each field, by field path
	names map[string][]string // names in each mapping, in the file's order
}

func (s *source) keep(from source) { *s = from }

// errorf makes an error about one field. A field that is not in the file is
// reported at the line of the nearest one around it.
func (s *source) errorf(code Code, path, format string, args ...any) *Error {
	line, around := 0, path
	for line == 0 && around != "" {
		line = s.lines[around]
		around = around[:max(0, strings.LastIndexAny(around, ".["))]
	}
	return s.problem(max(line, 1), code, path, format, args...)
}

func (s *source) problem(line int, code Code, path, format string, args ...any) *Error {
	what := fmt.Errorf(format, args...)
	if path == "" {
		return Errorf(code, "%s:%d: %w", s.file, s.above+line, what)
	}
	return Errorf(code, "%s:%d: %s %w", s.file, s.above+line, path, what)
}

// joinProblems makes one error of many. A malformed file is malformed first,
// whatever else is wrong with it, so the lowest code wins.
func joinProblems(problems []*Error) error {
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
	return &Error{Code: code, Err: errors.Join(all...)}
}
