package custody

import (
	"bytes"
	"errors"
	"io/fs"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// ImportKey takes in somebody else's public key: a PEM file, or a key record
// with its proof of possession.
func ImportKey(ws *workspace.Workspace, name string, data []byte, now time.Time) (*workspace.KeyRecord, error) {
	var record *workspace.KeyRecord
	if bytes.HasPrefix(data, []byte("-----BEGIN ")) {
		public, err := roles.ParsePEM(data)
		if err != nil {
			return nil, fault.Errorf(fault.Unverified, "key %s: %w", name, err)
		}
		if record, err = workspace.NewKeyRecord(name, public, now); err != nil {
			return nil, err
		}
	} else {
		var err error
		if record, err = workspace.ParseKeyRecord("imported record", name, data); err != nil {
			return nil, err
		}
	}
	if err := refuseFake(ws, record); err != nil {
		return nil, err
	}
	records, err := ws.Keys()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for other, r := range records {
		if r.Fingerprint() == record.Fingerprint() {
			return nil, fault.Errorf(fault.Refused, "key %s: the same public key is there already as %s", name, other)
		}
	}
	return record, ws.AddKey(record)
}

// refuseFake refuses a key of a rehearsal, by its record's token or by its value.
func refuseFake(ws *workspace.Workspace, record *workspace.KeyRecord) error {
	if err := ws.Belongs(record); err != nil {
		return err
	}
	return ws.NotFake(map[string]digest.SHA256{record.Name: digest.SHA256(record.Fingerprint())})
}
