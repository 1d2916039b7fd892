package review

import (
	"fmt"
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/scene"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

// Candidate is a file as it would be signed.
type Candidate struct {
	file    plan.File
	draft   *roles.Draft
	sum     digest.SHA256 // of the bytes to sign
	quorums []quorum
	changes []roles.Change
}

// Build makes the bytes to sign of a planned file, as of this scene, and lints
// them. Where the plan states their hash, it must be that.
func Build(s *scene.Scene, p *plan.Plan, role string) (*Candidate, error) {
	file, ok := p.File(role)
	if !ok {
		return nil, fault.Errorf(fault.Usage, "plan.yaml: files has no entry for role %s", role)
	}
	draft, err := s.Draft(file.Next())
	if err != nil {
		return nil, err
	}
	c, err := newCandidate(file, draft.Bytes, draft.SHA256)
	if err != nil {
		return nil, err
	}
	c.quorums, c.changes = quorumsOf(s, role, draft.Body), s.ChangesOf(role, draft.Body)
	if role == "snapshot" { // by which suppliers' new files come to vehicles
		for _, supplier := range p.Suppliers {
			c.changes = append(slices.Clip(c.changes), s.SuppliedChanges(supplier.Role)...)
		}
	}
	return c, nil
}

// newCandidate is a file that the plan describes, byte for byte.
func newCandidate(file plan.File, draft *roles.Draft, sum digest.SHA256) (*Candidate, error) {
	c := &Candidate{file: file, draft: draft, sum: sum}
	if !file.SHA256.IsZero() && file.SHA256 != c.sum {
		return nil, fault.Errorf(fault.Unverified, "%s: the bytes to sign differ from the plan; got SHA-256 %s, want %s", file.Path, c.sum, file.SHA256)
	}
	if err := lint(draft); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Path, err)
	}
	return c, nil
}

// File is what the plan says of the file.
func (c *Candidate) File() plan.File { return c.file }

// SHA256 is the hash of the bytes to sign.
func (c *Candidate) SHA256() digest.SHA256 { return c.sum }

// Placed takes a file that lies in its place already: it must hold exactly the
// candidate's content, and count for every quorum.
func (c *Candidate) Placed(data []byte) (*roles.File, error) {
	file, err := roles.Read(c.draft.Format, c.draft.Type, data)
	if err != nil {
		return nil, fault.Errorf(fault.Unverified, "%s: %w", c.file.Path, err)
	}
	if got := digest.Of(file.Signed); got != c.sum {
		return nil, fault.Errorf(fault.Unverified, "%s is there, but it is not what this ceremony signs; got SHA-256 %s of the signed part, want %s", c.file.Path, got, c.sum)
	}
	return file, c.count(file)
}

// inTime refuses what would be expired when it is signed.
func (c *Candidate) inTime(p *plan.Plan, now time.Time) error { return p.CheckTime(c.file, now) }
