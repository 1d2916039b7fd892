package review

import (
	"slices"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Reviewed is a file that may be signed: built from the plan's inputs, read back,
// checked and shown. Only this package makes one, so that nothing unreviewed can
// reach an HSM.
type Reviewed struct {
	*Candidate
	signers map[string]roles.Key // by name: the keys that the plan asks, by their values now
	content Content
}

// Content is what its signatures will state.
func (r *Reviewed) Content() Content { return r.content }

// Checks is what the policy said, immediately before signing.
type Checks struct {
	Result policies.Result
	Tokens map[string]string // which token holds each key, by their names in site.yaml
}

// Review lets a candidate pass if its policy and its time do, has show show
// everything that a signature will state, and says what goes into the transcript.
func (c *Candidate) Review(s *scene.Scene, p *plan.Plan, checks Checks, show func(Content) error, now time.Time) (*Reviewed, transcript.Reviewed, error) {
	line := transcript.Reviewed{Role: c.file.Role, Version: c.file.Version, SHA256: c.sum, Policy: checks.Result.Policy, Passed: checks.Result.Passed}
	for _, f := range checks.Result.Findings {
		if Concerns(f, c.file.Role) {
			line.Findings = append(line.Findings, transcript.FindingOf(f))
		}
	}
	if err := scene.RefusedBy(checks.Result); err != nil {
		return nil, line, err
	}
	if err := c.inTime(p, now); err != nil {
		return nil, line, err
	}
	r := &Reviewed{Candidate: c, signers: map[string]roles.Key{}, content: c.content(s, p, checks, now)}
	for _, step := range r.content.Steps {
		key := s.Key(step.Role, step.Key)
		if !r.counts(key) {
			return nil, line, fault.Errorf(fault.Unverified, "plan.yaml: step %d signs %s with %s, whose signature counts for nothing", step.Step, step.Role, step.Key)
		}
		r.signers[step.Key] = key
	}
	if err := show(r.content); err != nil {
		return nil, line, err
	}
	return r, line, nil
}

// ToSign are the exact bytes to sign, for a key that signs them elsewhere. They must
// not be changed.
func (r *Reviewed) ToSign() []byte { return r.draft.Signed }

// Signer is a key that the plan asks to sign the file, by its value now.
func (r *Reviewed) Signer(name string) roles.Key { return r.signers[name] }

// Concerns says whether a finding is shown where a role's file is reviewed: its
// own, and those of no role. A waiver stands where it sets something aside.
func Concerns(f policies.Finding, role string) bool {
	return f.Role == role || f.Role == ""
}

// counts says whether a key's signature counts for any quorum.
func (c *Candidate) counts(key roles.Key) bool {
	return slices.ContainsFunc(c.quorums, func(q quorum) bool {
		return slices.Contains(q.role.KeyIDs, key.ID) &&
			slices.ContainsFunc(q.keys, func(k roles.Key) bool { return k.Fingerprint == key.Fingerprint })
	})
}
