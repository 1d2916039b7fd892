package scene

import (
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// signatureRoom is what one signature takes in a file at most, in bytes.
const signatureRoom = 1300

// Next is a file that is to be signed.
type Next struct {
	Role    string // top-level or delegated
	Version int64
	Expires time.Time
	Path    string // where it will lie, in the workspace
}

// Draft is a file before it is signed.
type Draft struct {
	next   Next
	Body   roles.Body
	Bytes  *roles.Draft
	SHA256 digest.SHA256 // of the bytes to sign
}

// Draft makes the content and the bytes to sign of a planned file, as of this
// scene. It is made once for as long as the scene stays the same.
func (s *Scene) Draft(next Next) (*Draft, error) {
	if d := s.drafts[next.Role]; d != nil && d.next.Version == next.Version && d.next.Expires.Equal(next.Expires) {
		return d, nil
	}
	body, err := s.Body(next.Role)
	if err != nil {
		return nil, err
	}
	encoded, err := s.Encode(body, next)
	if err != nil {
		return nil, err
	}
	d := &Draft{next, body, encoded, encoded.SHA256()}
	s.drafts[next.Role] = d
	return d, nil
}

// Encode makes the bytes to sign of a planned file.
func (s *Scene) Encode(body roles.Body, next Next) (*roles.Draft, error) {
	f := s.Format
	roles.SetHead(f, body, next.Version, next.Expires)
	if err := s.mark(next.Role, body); err != nil {
		return nil, err
	}
	draft, err := roles.Encode(f, body)
	if err != nil {
		return nil, &fault.Error{Code: fault.Refused, Err: roles.InFile(next.Path, err)}
	}
	if limit := f.MaxBytes(body.Type()); int64(len(draft.JSON)+signatureRoom) > limit {
		return nil, fault.Errorf(fault.Refused, "%s: %d bytes before signatures; clients of format %s take at most %d", next.Path, len(draft.JSON), f.Name(), limit).
			Hint("split the content over delegations, or drop what is obsolete")
	}
	return draft, nil
}

// ChangesOf tells how the content of a role's file changes, with the names of
// keys. Version and expiry are told with the file itself, and a rehearsal on every
// screen.
func (s *Scene) ChangesOf(role string, body roles.Body) []roles.Change {
	if c, done := s.changes[role]; done && c.body == body {
		return c.list
	}
	var list []roles.Change
	for _, c := range roles.Diff(s.Signed.Body(role), body, roles.DiffOptions{Role: role, KeyName: s.Ring.Name}) {
		isMark := c.What == "field" && c.Subject == roles.FakeField
		if c.What != "version" && c.What != "expires" && !isMark {
			list = append(list, c)
		}
	}
	s.changes[role] = changes{body, list}
	return list
}

// changes are those to one body.
type changes struct {
	body roles.Body
	list []roles.Change
}
