package evidence

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Carried is the evidence that a bundle holds, with what is published beside it.
type Carried struct {
	workspace.Files
	Published roles.Source // nil: nothing is
}

// VerifyAll verifies every transcript of the evidence; the first that does not hold is
// an error. Of evidence that is gone as a whole, or was made up as a whole, only a
// witness's key or paper tells.
func (c Carried) VerifyAll() (chains []*record.Chain, err error) {
	names, err := record.Transcripts(c.Files)
	if err != nil {
		return nil, unverified(err)
	}
	for _, name := range names {
		if record.IsCustody(name) { // carried for what it says of lost records, without the files that it states
			if _, err := transcript.Read(c.Files, record.Dir(name)); err != nil {
				return chains, unverified(err)
			}
			continue
		}
		chain, err := c.Verify(name)
		if err != nil {
			return chains, err
		}
		chains = append(chains, chain)
	}
	return chains, nil
}

// Verify checks one transcript with all that it states, and that the files it states
// are those that are published.
func (c Carried) Verify(name string) (*record.Chain, error) {
	chain, err := record.Verify(record.Carried{Files: c.Files}, name)
	if err == nil {
		err = c.asPublished(name)
	}
	if err != nil {
		return nil, unverified(err)
	}
	return chain, nil
}

// unverified is whatever cannot be read: somebody changed it.
func unverified(err error) error {
	return &fault.Error{Code: fault.Unverified, Err: fmt.Errorf("evidence: %w", err)}
}

// asPublished compares the files that a transcript wrote with those that are published
// under their names. One that a later ceremony replaced is published no more.
func (c Carried) asPublished(name string) error {
	if c.Published == nil {
		return nil
	}
	ceremony, _, _ := strings.Cut(name, "/")
	p, _, err := plan.Read(c.Files, ceremony)
	if err != nil {
		return err
	}
	format, err := roles.FormatByName(p.Format)
	if err != nil {
		return err
	}
	events, err := transcript.Read(c.Files, record.Dir(name))
	if err != nil {
		return err
	}
	for _, e := range events {
		d, ok := e.Data.(transcript.Written)
		if !ok {
			continue
		}
		_, base, _ := strings.Cut(d.Path, "/metadata/")
		there, err := c.Published.Get(base, disk.MaxInput)
		if err != nil {
			continue // not carried any more
		}
		kept, err := c.Read(d.Path, disk.MaxInput)
		if err != nil {
			return err
		}
		file, err := roles.Read(format, signed.RoleType(d.Role), kept)
		if err != nil {
			return fault.Errorf(fault.Unverified, "%s: %w", d.Path, err)
		}
		if !bytes.Equal(file.Published(), there) {
			return fault.Errorf(fault.Unverified, "%s is not the %s that is published", d.Path, path.Join("metadata", base))
		}
	}
	return nil
}

// Witnessed demands that each of these keys has signed the newest transcript, at its
// end: no line that makes or signs anything comes after the one that was signed.
func Witnessed(chains []*record.Chain, keys []witness.Key) error {
	if len(keys) == 0 {
		return nil
	}
	newest := newestOf(chains)
	if newest == nil {
		return fault.Errorf(fault.Unverified, "there is no transcript, and so no witness has signed one").Hint("ask for a bundle with evidence")
	}
	for _, key := range keys {
		if !newest.Covers(key) {
			return fault.Errorf(fault.Unverified, "%s: no signature of line %d or later by key %s", newest.Name, newest.Deed, key.Fingerprint())
		}
	}
	return nil
}

func newestOf(chains []*record.Chain) (newest *record.Chain) {
	for _, c := range chains {
		if newest == nil || c.Last.After(newest.Last) {
			newest = c
		}
	}
	return newest
}
