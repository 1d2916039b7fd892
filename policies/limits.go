package policies

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/roles"
)

var clientLimits = check{CheckInfo{
	ID:       "CLIENT-LIMITS",
	Severity: Error,
	Title:    "every file is one that vehicles and servers of its format take",
	Hint:     "change what the finding names and sign the file anew: vehicles or the servers of OTA Community Edition refuse it as it is",
	Sources:  []string{"CLIENTS"},
}, func(e *exam) {
	for _, f := range e.everyFile() {
		if problem := e.Next.Problems[f.role]; problem != nil {
			e.report(place{f.role, f.path}, fmt.Sprintf("not what a strict reader takes (%v)", problem), "a file that clients can read")
		}
		for _, o := range roles.Objections(e.Format, f.body) {
			at := f.at(strings.TrimPrefix(o.Field, "signed."))
			if o.Note {
				e.remark(at, fmt.Sprintf("not what all take (%v)", o.Err), "what format "+e.Format.Name()+" has there")
				continue
			}
			e.report(at, fmt.Sprintf("not what vehicles and servers take (%v)", o.Err), "what format "+e.Format.Name()+" has there")
		}
	}
}}
