package disk

import (
	"bytes"
	"path"

	"github.com/uptane/keyrite/ceremony/fault"
)

// Pending is a folder in which one file that people write is as it is about to be.
type Pending struct {
	*Folder
	Name     string
	Old, New []byte // nil Old: it is not there yet; nil New: no file is pending
}

// Read reads the pending file as it will be, and others as they are.
func (p *Pending) Read(name string, limit int64) ([]byte, error) {
	if p.New == nil || path.Clean(name) != path.Clean(p.Name) {
		return p.Folder.Read(name, limit)
	}
	if int64(len(p.New)) > limit {
		return nil, fault.Errorf(fault.Usage, "%s is %d bytes, want at most %d", name, len(p.New), limit)
	}
	return p.New, nil
}

// Settle puts the file in place, if it changes.
func (p *Pending) Settle() error {
	switch {
	case bytes.Equal(p.Old, p.New):
		return nil
	case p.Old == nil:
		return p.Create(p.Name, p.New)
	}
	return p.Rewrite(p.Name, p.Old, p.New)
}
