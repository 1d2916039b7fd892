package audit

import (
	"fmt"
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// LostFile is a supplier's file that is of no use, or that waits for a ceremony.
type LostFile struct {
	Role    string         `json:"role"`
	State   LostState      `json:"state"`
	Problem *roles.Problem `json:"problem,omitempty"` // why it is of no use
	Version int64          `json:"version,omitempty"` // of the one that waits
	Stated  int64          `json:"stated,omitempty"`  // the version that snapshot states, and that clients take
}

// LostState is what became of a supplier's file.
type LostState string

// Every LostState.
const (
	Unusable   LostState = "unusable"    // no client takes anything that is delegated to the role
	PassedOver LostState = "passed-over" // the file that was published before stays
	Waiting    LostState = "waiting"     // it is new, and good so far
)

// Text is the file in words; repository is the one to plan for, if there is a workspace.
func (l LostFile) Text(repository string) string {
	if l.State != Waiting {
		return fmt.Sprintf("%s: %s", l.Role, l.Problem)
	}
	return fmt.Sprintf("%s: version %d is new, snapshot states version %d; keyrite plan %s takes it in, or says why not", l.Role, l.Version, l.Stated, repository)
}

// problemOf is why a file is of no use, which may be the policy.
func problemOf(why error) *roles.Problem {
	p := roles.ProblemOf(why)
	if fault.CodeOf(why) == fault.Refused {
		p.Kind = roles.ProblemRefused
	}
	return &p
}

// lostFiles are those of a workspace.
func lostFiles(state *signed.State) (list []LostFile) {
	for _, of := range []struct {
		reasons map[string]error
		state   LostState
	}{{state.Lost, Unusable}, {state.Passed, PassedOver}} {
		for _, role := range slices.Sorted(maps.Keys(of.reasons)) {
			list = append(list, LostFile{Role: role, State: of.state, Problem: problemOf(of.reasons[role])})
		}
	}
	for _, role := range state.Waiting() {
		list = append(list, LostFile{Role: role, State: Waiting, Version: state.Version(role), Stated: roles.HeadOf(state.Before[role].Body).Version})
	}
	return list
}
