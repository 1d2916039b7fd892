package evidence

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/record"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// Verify checks every transcript of the evidence, with all that it states, and that the
// files it states are those that are published. Of evidence that is gone as a whole, or
// was made up as a whole, only a witness's key or paper tells.
func Verify(files workspace.Files, format roles.Format, published roles.Source) (chains []*record.Chain, err error) {
	names, err := record.Transcripts(files)
	for _, name := range names {
		if name == record.Custody { // carried for what it says of lost records, and not whole
			_, err = transcript.ReadCustody(files)
		} else {
			var chain *record.Chain
			if chain, err = verify(files, name, format, published); err == nil {
				chains = append(chains, chain)
			}
		}
		if err != nil {
			break
		}
	}
	if err != nil { // whatever it is that cannot be read: somebody changed it
		return chains, &fault.Error{Code: fault.Unverified, Err: fmt.Errorf("evidence: %w", err)}
	}
	return chains, nil
}

func verify(files workspace.Files, name string, format roles.Format, published roles.Source) (*record.Chain, error) {
	chain, err := record.Verify(record.Carried{Files: files}, name)
	if err != nil {
		return nil, err
	}
	return chain, asPublished(files, name, format, published)
}

// asPublished compares the files that a transcript wrote with those that are published
// under their names. One that a later ceremony replaced is published no more.
func asPublished(files workspace.Files, name string, format roles.Format, published roles.Source) error {
	events, err := transcript.Read(files, record.Dir(name))
	if err != nil {
		return err
	}
	for _, e := range events {
		d, ok := e.Data.(transcript.Written)
		if !ok {
			continue
		}
		_, base, _ := strings.Cut(d.Path, "/metadata/")
		there, err := published.Get(base, disk.MaxInput)
		if err != nil {
			continue // not carried any more
		}
		kept, err := files.Read(d.Path, disk.MaxInput)
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
func Witnessed(files workspace.Files, chains []*record.Chain, keys []witness.Key) error {
	if len(keys) == 0 {
		return nil
	}
	newest := newestOf(chains)
	if newest == nil {
		return fault.Errorf(fault.Unverified, "no transcript is carried, and so no witness has signed one").Hint("ask for a bundle with evidence")
	}
	events, err := transcript.Read(files, record.Dir(newest.Name))
	if err != nil {
		return err
	}
	last := lastDeed(events)
	for _, key := range keys {
		if !signedBy(newest, key, last) {
			return fault.Errorf(fault.Unverified, "%s: no signature of line %d or later by key %s", newest.Name, last, key.Fingerprint())
		}
	}
	return nil
}

func signedBy(c *record.Chain, key witness.Key, from int) bool {
	for _, w := range c.Witnesses {
		if w.Key.String() == key.String() && w.Line >= from {
			return true
		}
	}
	return false
}

func newestOf(chains []*record.Chain) (newest *record.Chain) {
	for _, c := range chains {
		if newest == nil || c.Last.After(newest.Last) {
			newest = c
		}
	}
	return newest
}

// lastDeed is the newest line that says that something was done.
func lastDeed(events []transcript.Event) (line int) {
	for _, e := range events {
		switch e.Data.(type) {
		case transcript.Generated, transcript.Signed, transcript.Written, transcript.Verified, transcript.Destroyed:
			line = e.Seq
		}
	}
	return line
}
