package run

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/roles"
)

// Reviewed is a file that may be signed: built from the plan's inputs, parsed
// back, checked, shown and agreed to. Only review makes one, so that nothing
// unreviewed can reach an HSM.
type Reviewed struct {
	file  plan.File
	draft *roles.Draft
	sum   [32]byte // SHA-256 of the bytes to sign
}

type reviewResult struct {
	Role    string `json:"role"`
	Version int64  `json:"version"`
	SHA256  string `json:"sha256"` // of the bytes to sign
	Words   string `json:"words"`

	Policy   string   `json:"policy"`
	Passed   []string `json:"passed"`   // ids of the checks that passed
	Findings []string `json:"findings"` // those that did not refuse, and those that are waived
}

// review builds a file, shows it and asks for consent.
func (m *machine) review(ctx context.Context, s plan.Step) (any, error) {
	state, want, err := m.load()
	if err != nil {
		return nil, err
	}
	reviewed, body, err := m.build(s.Role, state, want)
	if err != nil {
		return nil, err
	}
	result := reviewResult{Role: s.Role, Version: s.Version, SHA256: fmt.Sprintf("%x", reviewed.sum), Words: words.Of(reviewed.sum[:])}
	if err := m.checkPolicy(state, want, &result); err != nil {
		return nil, err
	}
	if err := m.intend(s, result); err != nil {
		return nil, err
	}
	m.show(reviewed, plan.ChangesOf(s.Role, state.Body(s.Role), body, want.Ring), result.Findings)
	phrase := fmt.Sprintf("sign %s %d %s", s.Role, s.Version, words.Of(reviewed.sum[:2]))
	if err := m.consent(ctx, s, fmt.Sprintf("Sign %s version %d with %s.", s.Role, s.Version, strings.Join(m.signers(s.Role), ", ")), phrase, m.signers(s.Role), []string{s.Role}); err != nil {
		return nil, err
	}
	m.reviewed[s.Role] = reviewed
	return result, nil
}

// checkPolicy runs the policy again, immediately before signing.
func (m *machine) checkPolicy(state *signed.State, want *plan.Desired, result *reviewResult) error {
	s := &plan.Subject{Trust: m.repo.Trust(), Site: m.site, Repo: m.repo, Plan: m.plan, Written: m.roleWritten, State: state, Desired: want, Now: m.Now()}
	policy, err := m.repo.LoadPolicy(m.Workspace)
	if err != nil {
		return err
	}
	found, err := s.Check(policy)
	if err != nil {
		return err
	}
	result.Policy, result.Passed = found.Policy, found.Passed
	for _, f := range found.Findings {
		if f.Waived != nil || f.Role == result.Role || f.Role == "" {
			result.Findings = append(result.Findings, f.String())
		}
	}
	return plan.RefusedBy(found)
}

// build makes the bytes to sign of a role's file and lints them.
func (m *machine) build(role string, state *signed.State, want *plan.Desired) (Reviewed, roles.Body, error) {
	file, ok := m.plan.File(role)
	if !ok {
		return Reviewed{}, nil, fault.Errorf(fault.Usage, "plan.yaml: files has no entry for role %s", role)
	}
	body, err := want.Body(role, state)
	if err != nil {
		return Reviewed{}, nil, err
	}
	draft, err := plan.DraftFile(m.format, body, file)
	if err != nil {
		return Reviewed{}, nil, err
	}
	reviewed := Reviewed{file: file, draft: draft, sum: draft.SHA256()}
	if file.SHA256 != "" && file.SHA256 != fmt.Sprintf("%x", reviewed.sum) {
		return Reviewed{}, nil, fault.Errorf(fault.Unverified, "%s: the bytes to sign differ from the plan; got SHA-256 %x, want %s", file.Path, reviewed.sum, file.SHA256)
	}
	if err := lint(draft); err != nil {
		return Reviewed{}, nil, fmt.Errorf("%s: %w", file.Path, err)
	}
	return reviewed, body, m.plan.CheckTime(file, m.Now())
}

// lint signs the exact bytes with a throwaway software key, reads the file back
// as a client does, and demands that it says just what was meant. No HSM sees
// bytes that have not gone through this.
func lint(draft *roles.Draft) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	key, err := roles.NewKey(draft.Format, public)
	if err != nil {
		return err
	}
	data, err := draft.Seal([]roles.SignedBy{{Key: key, Value: ed25519.Sign(private, draft.Signed)}})
	if err != nil {
		return err
	}
	file, err := roles.Read(draft.Format, draft.Type, data)
	if err != nil {
		return fmt.Errorf("does not read back: %w", err)
	}
	if !bytes.Equal(file.Signed, draft.Signed) {
		return fault.Errorf(fault.Failed, "reads back with other bytes to sign")
	}
	again, err := roles.Encode(draft.Format, file.Body)
	if err != nil {
		return err
	}
	if !bytes.Equal(again.Signed, draft.Signed) {
		return fault.Errorf(fault.Failed, "does not survive being read and written again")
	}
	return nil
}

// show prints everything that a signature will state.
func (m *machine) show(r Reviewed, changes, findings []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "  file     %s, %d bytes before signatures\n", r.file.Path, len(r.draft.JSON))
	fmt.Fprintf(&b, "  expires  %s%s\n", r.file.Expires, m.inDays(r.file))
	for _, c := range changes {
		fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(c))
	}
	for _, s := range m.plan.Steps {
		if s.Do == plan.DoSign && s.Role == r.file.Role {
			fmt.Fprintf(&b, "  signer   %s on token %s, counts for %s\n", s.Key, m.site.Keys[s.Key], strings.Join(s.CountsFor, " and "))
		}
	}
	for _, f := range findings {
		fmt.Fprintf(&b, "  policy   %s\n", f)
	}
	fmt.Fprintf(&b, "  sha-256  %x\n", r.sum)
	fmt.Fprintf(&b, "  words    %s", words.Wrap(words.Of(r.sum[:])))
	m.Prompter.Say("%s", b.String())
}

func (m *machine) inDays(file plan.File) string {
	expires, err := file.ExpiresAt()
	if err != nil {
		return ""
	}
	return " (in " + words.Between(m.Now(), expires) + ")"
}

// signers names the keys that the plan asks to sign a role's file.
func (m *machine) signers(role string) []string {
	var keys []string
	for _, s := range m.plan.Steps {
		if s.Do == plan.DoSign && s.Role == role {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// recheckReview builds a reviewed file again after an interruption. The consent
// in the transcript holds for exactly those bytes.
func (m *machine) recheckReview(s plan.Step, raw json.RawMessage) error {
	if m.roleWritten(s.Role) {
		return nil
	}
	var result reviewResult
	if err := json.Unmarshal(raw, &result); err != nil {
		return fault.Errorf(fault.Unverified, "transcript: result of step %d: %w", s.Step, err)
	}
	state, want, err := m.load()
	if err != nil {
		return err
	}
	reviewed, _, err := m.build(s.Role, state, want)
	if err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", reviewed.sum); got != result.SHA256 {
		return fault.Errorf(fault.Unverified, "%s: the bytes to sign are not those that were reviewed; got SHA-256 %s, want %s", reviewed.file.Path, got, result.SHA256)
	}
	m.reviewed[s.Role] = reviewed
	return nil
}

// roleWritten says whether the file of a role is in place already.
func (m *machine) roleWritten(role string) bool {
	for _, s := range m.plan.Steps {
		if s.Do == plan.DoWrite && s.Role == role {
			_, done := m.results[s.Step]
			return done
		}
	}
	return false
}
