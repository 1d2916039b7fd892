package scene

import (
	"github.com/uptane/keyrite/roles"
)

// Key is a key of that name as the file spells it that lists it for a role: root, or
// targets for a delegation. A key id that is not keyrite's is kept until the key is
// replaced; one public key under two ids would be refused.
func (s *Scene) Key(role, name string) roles.Key {
	key := s.Ring.Keys[name]
	if spelled, is := s.spellings(s.Lister(role))[key.Fingerprint]; is {
		return spelled
	}
	return key
}

// keys are the keys of those names in their order, as Key spells them.
func (s *Scene) keys(role string, names []string) []roles.Key {
	keys := make([]roles.Key, len(names))
	for i, name := range names {
		keys[i] = s.Key(role, name)
	}
	return keys
}

// Lister is the role whose file lists the keys of a role.
func (s *Scene) Lister(role string) string {
	if _, top := s.Repo.Roles[role]; top {
		return "root"
	}
	return "targets"
}

// spellings are the usable keys of a signed file by their values.
func (s *Scene) spellings(lister string) map[roles.Fingerprint]roles.Key {
	if done := s.spelled[lister]; done != nil {
		return done
	}
	found := map[roles.Fingerprint]roles.Key{}
	for _, k := range s.Signed.Keys()[lister] {
		if _, twice := found[k.Fingerprint]; k.Problem == nil && !twice {
			found[k.Fingerprint] = k
		}
	}
	s.spelled[lister] = found
	return found
}
