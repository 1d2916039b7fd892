package scene

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// overlap is what root keeps of a role for as long as new keys take its place.
type overlap struct {
	keys      []roles.Key // that trust.yaml does not declare
	threshold int
}

// Gradually has root keep the old keys of roles whose signed files those in trust.yaml do
// not carry yet. A vehicle that fetches while files are published then takes the old file
// and the new one alike, under either root; a later root drops the old keys. It is called
// once, before anything is made of the scene, and names the keys that are kept.
func (s *Scene) Gradually() (kept []string) {
	old := s.Signed.RootBody()
	if old == nil {
		return nil
	}
	s.overlaps = map[string]overlap{}
	for _, role := range workspace.TopLevel[1:] {
		if s.Signed.File(role) == nil || !s.LacksSignatures(role) {
			continue
		}
		o := overlap{threshold: old.Role(role).Threshold}
		declared := s.keys(role, s.Repo.Roles[role].Keys)
		for _, k := range Listed(old, role) {
			if !slices.ContainsFunc(declared, func(d roles.Key) bool { return d.Fingerprint == k.Fingerprint }) {
				o.keys = append(o.keys, k)
				kept = append(kept, s.Ring.Name(k))
			}
		}
		s.overlaps[role] = o
	}
	return kept
}
