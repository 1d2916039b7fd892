package audit

import (
	"errors"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/evidence"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// OpenEvidence opens what proves how the metadata of a repository came about: that of a
// bundle, that of a folder which one was unpacked into, or a folder that holds nothing
// else. Nothing of it is verified yet.
func OpenEvidence(name string) (c evidence.Carried, closeAll func() error, err error) {
	if isDir(name, "ceremonies") {
		return openLoose(name)
	}
	p, err := openPublished(name)
	if err != nil {
		return c, nil, err
	}
	if p.evidence == nil {
		return c, nil, errors.Join(fault.Errorf(fault.Incomplete, "%s has no evidence", name).
			Hint("ask for a bundle that was made without --no-evidence"), p.Close())
	}
	return evidence.Carried{Files: p.evidence, Published: p.metadata}, p.Close, nil
}

// openLoose opens a folder of evidence. A workspace is one too, and can be read better.
func openLoose(name string) (c evidence.Carried, closeAll func() error, err error) {
	if isThere(name, workspace.TrustFile) {
		return c, nil, fault.Errorf(fault.Usage, "%s is a workspace", name).Hint("leave out --from: keyrite -C %s transcript verify", name)
	}
	folder, err := disk.Open(name)
	if err != nil {
		return c, nil, err
	}
	return evidence.Carried{Files: folder}, folder.Close, nil
}
