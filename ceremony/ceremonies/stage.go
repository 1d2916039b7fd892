package ceremonies

import "strings"

// Stage is how far a ceremony, or a site's part of it, came.
type Stage string

// Every Stage.
const (
	NotBegun Stage = "not-begun" // nothing of it is here
	UnderWay Stage = "under-way"
	Finished Stage = "finished"
	Aborted  Stage = "aborted"
	Refused  Stage = "refused" // what is here of it is not what it should be
)

// Words is the stage for people.
func (s Stage) Words() string { return strings.ReplaceAll(string(s), "-", " ") }
