package people

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
	"golang.org/x/text/unicode/norm"
)

// Person is somebody who took a part.
type Person struct {
	Name  string
	Part  Part
	Since time.Time
	Until time.Time // zero: still here
}

// Roll is who is here. Nobody has two parts that should watch each other.
type Roll struct {
	Parts  []Part
	Shared func(a, b string) string // a role of several signatures that two custodians both sign; empty: none
	Waived bool                     // PARTS-APART is: somebody may have two parts

	people []Person // in the order in which they came
}

// names are words for people, on one line.
var names = regexp.MustCompile(`^\S(?:.{0,98}\S)?$`)

// Arrive seats a person in a part.
func (r *Roll) Arrive(name, part string, now time.Time) (transcript.Arrived, error) {
	name = norm.NFC.String(strings.Join(strings.Fields(name), " "))
	seat, err := r.part(part)
	if err == nil {
		err = r.acceptable(name, seat)
	}
	if err != nil {
		return transcript.Arrived{}, err
	}
	r.people = append(r.people, Person{Name: name, Part: seat, Since: now})
	return transcript.Arrived{Name: name, Part: seat.Name}, nil
}

// part finds a part by its name.
func (r *Roll) part(name string) (Part, error) {
	for _, p := range r.Parts {
		if same(p.Name, name) {
			return p, nil
		}
	}
	var list []string
	for _, p := range r.Parts {
		if !slices.Contains(list, p.Name) {
			list = append(list, p.Name)
		}
	}
	return Part{}, fault.Errorf(fault.Usage, "there is no part %q, want one of: %s", words.Line(name), words.List(list)).Suggest(name, list)
}

// answers are what people type at other questions, and who types them here does not
// introduce themselves.
var answers = []string{"s", "stop", "n", "no", "y", "yes", "v", "roll", "help", "quit", "exit"}

// acceptable refuses a name that is none, such as a PIN that was typed at the wrong
// moment, and a person who has another part.
func (r *Roll) acceptable(name string, part Part) error {
	if !names.MatchString(name) || !strings.ContainsFunc(name, unicode.IsLetter) || words.Line(name) != name || same(name, transcript.ActorTool) || same(name, transcript.ActorPerson) {
		return fault.Errorf(fault.Usage, "%q is not a name, want one line of at most 100 characters with letters", words.Line(name))
	}
	if slices.Contains(answers, strings.ToLower(name)) {
		return fault.Errorf(fault.Usage, "%q is not taken for a name", name).Hint("an empty line leaves the part open, and Ctrl-C stops")
	}
	for _, p := range r.people {
		if !p.Until.IsZero() || !same(p.Name, name) {
			continue
		}
		if p.Part == part {
			return fault.Errorf(fault.Usage, "%s is here as %s already", name, part.Name)
		}
		if why := r.conflict(p.Part, part); why != "" && !r.Waived {
			return fault.Errorf(fault.Refused, "%s is here as %s and cannot be %s too: %s", name, p.Part.Name, part.Name, why)
		}
	}
	return nil
}

// conflict says why one person cannot have both parts.
func (r *Roll) conflict(a, b Part) string {
	if a.Kind != b.Kind {
		return "they watch each other"
	}
	if role := r.Shared(a.Name, b.Name); role != "" {
		return "both sign " + role + ", which wants several people"
	}
	return ""
}

// Leave lets a person go, out of every part.
func (r *Roll) Leave(name string, now time.Time) (left []transcript.Left, err error) {
	for i, p := range r.people {
		if p.Until.IsZero() && same(p.Name, name) {
			r.people[i].Until = now
			left = append(left, transcript.Left{Name: p.Name, Part: p.Part.Name})
		}
	}
	if left == nil {
		return nil, fault.Errorf(fault.Usage, "%q is not here", words.Line(name)).Suggest(name, r.here())
	}
	return left, nil
}

// here are the names of who is.
func (r *Roll) here() (names []string) {
	for _, p := range r.people {
		if p.Until.IsZero() {
			names = append(names, p.Name)
		}
	}
	return names
}

// Holder is the name of who takes a part now, "" when nobody does.
func (r *Roll) Holder(part string) string {
	for _, p := range slices.Backward(r.people) {
		if p.Until.IsZero() && same(p.Part.Name, part) {
			return p.Name
		}
	}
	return ""
}

// Missing are the parts that nobody takes, of those that are wanted.
func (r *Roll) Missing(wanted func(Part) bool) (list []Part) {
	taken := map[Part]int{}
	for _, p := range r.people {
		if p.Until.IsZero() {
			taken[p.Part]++
		}
	}
	for _, part := range r.Parts {
		if taken[part]--; taken[part] < 0 && wanted(part) {
			list = append(list, part)
		}
	}
	return list
}

// Present is who is here, as policies judge them; never nil.
func (r *Roll) Present() []policies.Person {
	list := []policies.Person{}
	for _, p := range r.people {
		if !p.Until.IsZero() {
			continue
		}
		person := policies.Person{Name: p.Name, Part: p.Part.Kind}
		if p.Part.Kind == policies.Officer {
			person.Custodian = p.Part.Name
		}
		list = append(list, person)
	}
	return list
}

// same compares what people type: without case.
func same(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}
