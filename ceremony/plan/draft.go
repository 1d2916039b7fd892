package plan

import (
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// signatureRoom is what one signature takes in a file at most, in bytes.
const signatureRoom = 1300

// draft is a file before it is signed.
type draft struct {
	file  File
	body  roles.Body
	draft *roles.Draft
}

// Draft makes the content and the bytes to sign of a planned file, as of this
// scene. It is made once for as long as the scene stays the same.
func (s *Scene) Draft(file File) (roles.Body, *roles.Draft, error) {
	if d := s.drafts[file.Role]; d != nil && d.file.Version == file.Version && d.file.Expires.Equal(file.Expires) {
		return d.body, d.draft, nil
	}
	body, err := s.body(file.Role)
	if err != nil {
		return nil, nil, err
	}
	encoded, err := encode(s.Format, body, file)
	if err != nil {
		return nil, nil, err
	}
	s.drafts[file.Role] = &draft{file, body, encoded}
	return body, encoded, nil
}

// encode makes the bytes to sign of a planned file.
func encode(f roles.Format, body roles.Body, file File) (*roles.Draft, error) {
	roles.SetHead(f, body, file.Version, file.Expires)
	draft, err := roles.Encode(f, body)
	if err != nil {
		return nil, &fault.Error{Code: fault.Refused, Err: roles.InFile(file.Path, err)}
	}
	if limit := f.MaxBytes(body.Type()); int64(len(draft.JSON)+signatureRoom) > limit {
		return nil, fault.Errorf(fault.Refused, "%s: %d bytes before signatures; clients of format %s take at most %d", file.Path, len(draft.JSON), f.Name(), limit).
			Hint("split the content over delegations, or drop what is obsolete")
	}
	return draft, nil
}

// ChangesOf tells how the content of a role's file changes, with the names of
// keys. Version and expiry are told with the file itself.
func (s *Scene) ChangesOf(role string, body roles.Body) []roles.Change {
	var changes []roles.Change
	for _, c := range roles.Diff(s.Signed.Body(role), body, roles.DiffOptions{Role: role, KeyName: s.Ring.name}) {
		if c.What != "version" && c.What != "expires" {
			changes = append(changes, c)
		}
	}
	return changes
}
