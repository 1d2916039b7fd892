package policies

import (
	"fmt"

	"github.com/uptane/keyrite/roles"
)

// unstated are the bytes that go-tuf, python-tuf and tuf-js take of a file whose
// length nobody states.
var unstated = map[roles.Type]int64{roles.TypeTargets: 5_000_000, roles.TypeSnapshot: 2_000_000}

var clientLengths = check{CheckInfo{
	ID:       "CLIENT-LENGTHS",
	Severity: Error,
	Title:    "the length of every large file is stated, which lifts the limits of clients",
	Hint:     "sign snapshot and timestamp anew with keyrite, which states lengths: go-tuf, python-tuf and tuf-js refuse the file as it is",
	Sources:  []string{"TUF-026", "CLIENTS"},
	Needs:    "the sizes of the files",
	Waivable: true,
}, func(e *exam) {
	for _, f := range e.everyFile() {
		most, limited := unstated[f.body.Type()]
		size, known := e.Next.Bytes[f.role]
		switch {
		case !limited || e.Format != roles.TUF:
		case !known:
			e.lacks()
		case size > most && !e.statesLength(f):
			e.report(place{f.role, f.path}, fmt.Sprintf("of %d bytes, and its length is stated nowhere", size), fmt.Sprintf("at most %d, or a length", most))
		}
	}
}}

// statesLength says whether snapshot, or timestamp, states the length of a file.
// One that is being signed will.
func (e *exam) statesLength(f file) bool {
	var meta *roles.Meta
	referrer := "snapshot"
	switch {
	case f.role == "snapshot":
		referrer = "timestamp"
		if e.Next.Timestamp != nil {
			meta = &e.Next.Timestamp.Snapshot
		}
	case e.Next.Snapshot != nil:
		meta = e.Next.Snapshot.Find(f.role)
	}
	return e.signs(referrer) || meta != nil && meta.Length >= 0
}
