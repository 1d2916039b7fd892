package review

import (
	"fmt"

	"github.com/uptane/keyrite/ceremony/scene"

	"github.com/uptane/keyrite/ceremony/fault"
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
