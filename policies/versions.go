package policies

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/roles"
)

var rootStep = check{CheckInfo{
	ID:       "ROOT-STEP",
	Severity: Error,
	Title:    "a new root has exactly the next version",
	Hint:     "give the new root the version after the one that is signed; vehicles follow no other",
	Sources:  []string{"UPT-008", "CLIENTS"},
}, func(e *exam) {
	if e.Next.Root == nil || !e.needPrevious() {
		e.lacks()
		return
	}
	want := e.before("root")
	if e.signs("root") {
		want++
	}
	if got := e.Next.Root.Version; got != want {
		e.report(place{"root", e.rolePath("root") + ".version"}, fmt.Sprint(got), fmt.Sprint(want))
	}
}}

var versionStep = check{CheckInfo{
	ID:       "VERSION-STEP",
	Severity: Error,
	Title:    "the version of each other file rises by one when it is signed, and never goes down",
	Hint:     "give the file the version after the one that is signed: vehicles take a lower one for an attack",
	Sources:  []string{"UPT-016", "TUF-018", "TUF-028", "UPT-032"},
}, func(e *exam) {
	if !e.needPrevious() {
		return
	}
	for _, f := range e.everyFile() {
		before, got := e.before(f.role), f.head.Version
		at := f.at("version")
		switch {
		case f.role == "root":
		case got < before && e.forgotten(f.role):
			e.advise(at, fmt.Sprint(got), fmt.Sprintf("%d; the new keys of snapshot and timestamp allow less", before+1))
		case got < before:
			e.report(at, fmt.Sprint(got), fmt.Sprintf("not below %d, which is signed", before))
		case e.signs(f.role) && got == before:
			e.report(at, fmt.Sprint(got), fmt.Sprintf("%d, for that version is signed already", before+1))
		case e.signs(f.role) && got > before+1:
			e.advise(at, fmt.Sprint(got), fmt.Sprint(before+1))
		}
	}
}}

// maxVersion is what every client can count to; from highVersion on somebody
// seems to spend versions on purpose (a fast-forward attack).
const (
	maxVersion  = 1<<31 - 1
	highVersion = 1 << 30
)

var versionLimit = check{CheckInfo{
	ID:       "VERSION-LIMIT",
	Severity: Error,
	Title:    "versions are far below the largest that clients can count to",
	Hint:     "replace the keys of snapshot and timestamp to start anew, and rename delegated roles",
	Sources:  []string{"UPT-054", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	for _, f := range e.everyFile() {
		switch {
		case f.head.Version < 1:
			e.report(f.at("version"), fmt.Sprint(f.head.Version), "at least 1")
		case f.head.Version > maxVersion:
			e.report(f.at("version"), fmt.Sprint(f.head.Version), fmt.Sprintf("at most %d", maxVersion))
		case f.head.Version > highVersion:
			e.advise(f.at("version"), fmt.Sprint(f.head.Version), fmt.Sprintf("at most %d, as advised", highVersion))
		}
	}
}}

var snapshotKeeps = check{CheckInfo{
	ID:       "SNAPSHOT-KEEPS",
	Severity: Error,
	Title:    "snapshot drops no name, unless root replaces the keys of snapshot and timestamp",
	Hint:     "keep the name in snapshot, or replace all keys of snapshot and timestamp with the next root",
	Sources:  []string{"DBP-045", "UPT-033", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	if !e.needPrevious() || e.Next.Snapshot == nil {
		e.lacks()
		return
	}
	if e.Previous == nil || e.Previous.Snapshot == nil || e.forgotten("snapshot") {
		return
	}
	listed := map[string]bool{}
	for _, m := range e.Next.Snapshot.Meta {
		listed[m.Name] = true
	}
	for _, m := range e.Previous.Snapshot.Meta {
		if !listed[m.Name] {
			e.report(place{"snapshot", e.rolePath("snapshot")}, "without "+m.Name, "every name that was listed")
		}
	}
}}

// needPrevious says whether it is known what is signed now, even if that is
// nothing, and notes it when not.
func (e *exam) needPrevious() bool {
	if e.Previous == nil && e.Signing == nil {
		e.lacks()
		return false
	}
	return true
}

// before is the version of a role's file that is signed now, 0 for none.
func (s *Subject) before(role string) int64 {
	if body := s.Previous.body(role); body != nil {
		return roles.HeadOf(body).Version
	}
	return 0
}

// forgotten says whether clients forget a role's file, because root replaces
// all keys of snapshot and of timestamp; some do so for less (Uptane Standard
// 2.1.0 §5.4.4.3, 4).
func (s *Subject) forgotten(role string) bool {
	if role != "snapshot" && role != "timestamp" || s.Previous == nil || s.Previous.Root == nil || s.Next.Root == nil {
		return false
	}
	return replaced(s.Previous.Root, s.Next.Root, "snapshot") && replaced(s.Previous.Root, s.Next.Root, "timestamp")
}

// replaced says whether a role kept none of its keys.
func replaced(old, new *roles.Root, role string) bool {
	return !slices.ContainsFunc(keysOf(old, role), func(k roles.Key) bool { return hasKey(new, role, k) })
}
