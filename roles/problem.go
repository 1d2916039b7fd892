package roles

import (
	"errors"
	"io/fs"
)

// Problem is an error for programs: what kind of error it is, where, and what people read.
type Problem struct {
	Kind    ProblemKind `json:"kind"`
	File    string      `json:"file,omitempty"`
	Field   string      `json:"field,omitempty"`   // path of the field as in the JSON
	Role    string      `json:"role,omitempty"`    // where it is not that of the file
	Version int64       `json:"version,omitempty"` // that is wanted of the role
	Text    string      `json:"text"`              // with all that, in words
}

// Error is the text.
func (p Problem) Error() string { return p.Text }

// ProblemKind is what a client, or who publishes, does not like.
type ProblemKind string

// Every ProblemKind.
const (
	ProblemMissing     ProblemKind = "missing"               // the file is not there
	ProblemUndelivered ProblemKind = "undelivered"           // a role is delegated to, and snapshot states no file of it
	ProblemUnsigned    ProblemKind = "not-signed"            // by as many keys of the role as it wants
	ProblemExpired     ProblemKind = "expired"               // clients would take it for a freeze attack
	ProblemOlder       ProblemKind = "older"                 // than what was seen
	ProblemOther       ProblemKind = "not-as-stated"         // by the file that refers to it
	ProblemTooLong     ProblemKind = "too-long"              // larger than it may be
	ProblemMalformed   ProblemKind = "malformed"             // a field is not as it must be
	ProblemUnusable    ProblemKind = "unusable"              // for another reason, which the text says
	ProblemWaiting     ProblemKind = "waiting"               // snapshot states an older one, until a plan takes it in
	ProblemRefused     ProblemKind = "policy-refused"        // the policy of who publishes does not let it pass
	ProblemDisagree    ProblemKind = "repositories-disagree" // what the Director assigns is not what the Image repository lists
	ProblemNotTaken    ProblemKind = "not-taken"             // the client stays with an older version of the role
)

// ofAttack is how each attack shows in a file.
var ofAttack = map[Attack]ProblemKind{
	ArbitrarySoftware: ProblemUnsigned,
	Rollback:          ProblemOlder,
	Freeze:            ProblemExpired,
	MixAndMatch:       ProblemOther,
	EndlessData:       ProblemTooLong,
}

// errUndelivered is that of a role without a file.
var errUndelivered = errors.New("its file is not delivered yet")

// ProblemOf is an error for programs. One that is a Problem already stays as it is.
func ProblemOf(err error) Problem {
	var p Problem
	if errors.As(err, &p) {
		p.Text = Printable(err.Error())
		return p
	}
	p = Problem{Kind: ProblemUnusable, Text: Printable(err.Error())}
	var e *Error
	if errors.As(err, &e) {
		p.File, p.Field = Printable(Cut(e.File, maxQuote)), Printable(Cut(e.Field, maxQuote))
		p.Kind = e.kind()
	}
	switch {
	case errors.Is(err, errUndelivered):
		p.Kind = ProblemUndelivered
	case errors.Is(err, fs.ErrNotExist):
		p.Kind = ProblemMissing
	}
	return p
}

func (e *Error) kind() ProblemKind {
	if kind, known := ofAttack[e.Attack]; known {
		return kind
	}
	if e.Field != "" || e.Offset >= 0 {
		return ProblemMalformed
	}
	return ProblemUnusable
}
