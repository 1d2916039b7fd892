package signed

import (
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Set is the signed state as policies look at it, nil when nothing is signed.
func (s *State) Set() *policies.Set {
	if len(s.Roots) == 0 {
		return nil
	}
	set := &policies.Set{Delegated: map[string]*roles.Targets{}, Bytes: map[string]int64{"root": int64(len(s.Root().Published()))}}
	Put(set, "root", s.RootBody())
	for role, file := range s.Files {
		Put(set, role, file.Body)
		set.Bytes[role] = int64(len(file.Published()))
	}
	return set
}

// Put adds a role's file. One of a rehearsal is judged as if it were meant.
func Put(set *policies.Set, role string, body roles.Body) {
	switch b := roles.AsIfMeant(body).(type) {
	case *roles.Root:
		set.Root = b
	case *roles.Snapshot:
		set.Snapshot = b
	case *roles.Timestamp:
		set.Timestamp = b
	case *roles.Targets:
		if role == "targets" {
			set.Targets = b
		} else {
			set.Delegated[role] = b
		}
	}
}

// Drop takes the file of targets, snapshot or timestamp out of a set.
func Drop(set *policies.Set, t roles.Type) {
	delete(set.Bytes, string(t))
	switch t {
	case roles.TypeTargets:
		set.Targets = nil
	case roles.TypeSnapshot:
		set.Snapshot = nil
	case roles.TypeTimestamp:
		set.Timestamp = nil
	}
}

// Keys lists the keys in the signed root and targets.
func (s *State) Keys() map[string][]roles.Key {
	found := map[string][]roles.Key{}
	if root := s.RootBody(); root != nil {
		found["root"] = root.Keys
	}
	if targets := s.Targets("targets"); targets != nil && targets.Delegations != nil {
		found["targets"] = targets.Delegations.Keys
	}
	return found
}
