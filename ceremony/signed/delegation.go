package signed

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/roles"
)

// delegation is who may sign for a delegated role, and on whose word.
type delegation struct {
	role *roles.DelegatedRole
	keys []roles.Key
}

// delegation finds the delegation to a role: that of targets before those of
// suppliers, nil where nobody delegates to it any more.
func (s *State) delegation(role string) *delegation {
	if d := s.delegationIn("targets", role); d != nil {
		return d
	}
	for _, by := range slices.Sorted(maps.Keys(s.Files)) {
		if d := s.delegationIn(by, role); d != nil && by != role {
			return d
		}
	}
	return nil
}

func (s *State) delegationIn(by, role string) *delegation {
	t := s.Targets(by)
	if t == nil || t.Delegations == nil {
		return nil
	}
	index, known := s.delegations[t.Delegations]
	if !known {
		index = make(map[string]*roles.DelegatedRole, len(t.Delegations.Roles))
		for i := range t.Delegations.Roles {
			index[t.Delegations.Roles[i].Name] = &t.Delegations.Roles[i]
		}
		if s.delegations == nil {
			s.delegations = map[*roles.Delegations]map[string]*roles.DelegatedRole{}
		}
		s.delegations[t.Delegations] = index
	}
	if found := index[role]; found != nil {
		return &delegation{found, t.Delegations.Keys}
	}
	return nil
}

// byDelegation counts a file's signatures by the keys that the signed delegation
// lists for its role, nil where nobody delegates to it any more: such a file is
// left alone, since snapshot still lists it (Uptane Standard 2.1.0 §5.4.4.5).
func (s *State) byDelegation(role string, file *roles.File) *roles.Count {
	d := s.delegation(role)
	if d == nil {
		return nil
	}
	return roles.CheckThreshold(file, d.role.Role, d.keys)
}

// Paths of a delegated role are the patterns that are delegated to it.
func (s *State) PathsOf(role string) []string {
	if d := s.delegation(role); d != nil {
		return d.role.Paths
	}
	return nil
}
