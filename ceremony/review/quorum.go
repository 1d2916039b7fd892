package review

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/scene"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/roles"
)

// quorum is a threshold that the signatures of a file must meet, with the exact
// keys that count for it, as they were when the file was built.
type quorum struct {
	name string // empty: that of the file's own role
	role roles.Role
	keys []roles.Key
}

// quorumsOf are the thresholds of a role's file. Root has two: the previous
// root's and its own (Uptane Standard 2.1.0 §5.4.4.3, 2.3).
func quorumsOf(s *scene.Scene, role string, body roles.Body) []quorum {
	root, ok := body.(*roles.Root)
	if !ok {
		wanted, keys := s.Signers(role)
		return []quorum{{role: wanted, keys: keys}}
	}
	own := quorum{role: *root.Role("root"), keys: root.Keys}
	if old := s.Signed.RootBody(); old != nil {
		return []quorum{{"previous root", *old.Role("root"), old.Keys}, own}
	}
	return []quorum{own}
}

// BelowThresholds verifies signatures and refuses them if they reach a threshold: what an
// emergency kit holds, nobody can publish.
func (r *Reviewed) BelowThresholds(signatures []transcript.Signed) error {
	var list []roles.SignedBy
	for _, s := range signatures {
		if err := r.Check(s.Key, s); err != nil {
			return fault.Errorf(fault.Unverified, "signature by %s: %w", s.Key, err)
		}
		value, err := r.value(s.Key, s)
		if err != nil {
			return err
		}
		list = append(list, roles.SignedBy{Key: r.signers[s.Key], Value: value})
	}
	data, err := r.draft.Seal(list)
	if err != nil {
		return err
	}
	file, err := roles.Read(r.draft.Format, r.draft.Type, data)
	if err != nil {
		return err
	}
	for _, q := range r.quorums {
		if roles.CheckThreshold(file, q.role, q.keys).Err() == nil {
			return fault.Errorf(fault.Refused, "%s: these signatures reach a threshold (%s); an emergency kit stays below each", r.file.Path, q.name)
		}
	}
	return nil
}

// count holds a finished file against every threshold that it must meet.
func (c *Candidate) count(file *roles.File) error {
	for _, q := range c.quorums {
		if err := roles.CheckThreshold(file, q.role, q.keys).Err(); err != nil {
			if q.name != "" {
				err = fmt.Errorf("%s: %w", q.name, err)
			}
			return fault.Errorf(fault.Unverified, "%s: %w", c.file.Path, err)
		}
	}
	return nil
}
