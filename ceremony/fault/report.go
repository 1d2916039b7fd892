package fault

import (
	"strings"

	"github.com/uptane/keyrite/ceremony/words"
)

// Report is an error for programs.
type Report struct {
	Code    Word     `json:"code"`    // one stable word
	Exit    Code     `json:"exit"`    // exit code of the command
	Message string   `json:"message"` // as people read it on stderr
	Where   []Place  `json:"where"`   // every place that is known, in the order of the message
	Hints   []string `json:"hints"`   // what to do, one sentence each
}

// Place is where something is wrong.
type Place struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`  // from 1
	Field   string `json:"field,omitempty"` // path, spelled as in the YAML
	Check   string `json:"check,omitempty"` // id of the policy's check that found it
	Message string `json:"message"`         // what is wrong there
}

// At adds a place and returns the same Error.
func (e *Error) At(p Place) *Error {
	e.Where = append(e.Where, p)
	return e
}

// ReportOf is the report of an error, through the same door as [Print].
func ReportOf(err error) *Report {
	r := &Report{Code: WordOf(err), Exit: CodeOf(err), Message: message(err), Where: []Place{}, Hints: []string{}}
	walkErrors(err, func(err error) {
		if e, is := err.(*Error); is {
			for _, p := range e.Where {
				r.Where = append(r.Where, p.printable())
			}
		}
	})
	for _, hint := range Hints(err) {
		r.Hints = append(r.Hints, words.Line(words.Cut(hint, maxShown)))
	}
	return r
}

func message(err error) string { return words.Printable(words.Cut(err.Error(), maxShown)) }

func (p Place) printable() Place {
	for _, text := range []*string{&p.File, &p.Field, &p.Message} {
		*text = words.Printable(words.Cut(*text, maxShown))
	}
	return p
}

// indented is the text with all lines but the first indented.
func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }
