package plan

import (
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// signatureRoom is what one signature takes in a file at most, in bytes.
const signatureRoom = 1300

// DraftFile makes the bytes to sign of a planned file.
func DraftFile(f roles.Format, body roles.Body, file File) (*roles.Draft, error) {
	expires, err := file.ExpiresAt()
	if err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: expires is %q, want RFC 3339", file.Path, file.Expires)
	}
	roles.SetHead(f, body, file.Version, expires)
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
