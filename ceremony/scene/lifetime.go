package scene

import (
	"time"

	"github.com/uptane/keyrite/roles"
)

// Expires is when a new file of a role expires. Nothing of a rehearsal outlives it.
func (s *Scene) Expires(role string) time.Time {
	t := s.At.Add(s.Repo.Lifetime(role))
	if r := s.Signed.Rehearsal; r != nil && r.Until.Before(t) {
		return r.Until
	}
	return t
}

// mark has a new file of a rehearsal say so.
func (s *Scene) mark(role string, body roles.Body) error {
	if s.Signed.Rehearsal == nil {
		return nil
	}
	return roles.MarkFake(body, roles.Fake{Of: s.Signed.Rehearsal.Of, Expires: s.At.Add(s.Repo.Lifetime(role))})
}
