package run

import (
	"context"
	"errors"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/ledger"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/roles"
)

// remember asks both witnesses whether a key may sign: what the workspace knows
// that it signed, and what its token remembers. The token has the new record
// before the key signs; an error means no signature.
func (m *machine) remember(ctx context.Context, s plan.Step, reviewed *review.Reviewed, key roles.Key, token *hsm.Token) (ledger.Verdict, error) {
	facts, err := m.facts(ctx, s, key, token)
	if err != nil {
		return ledger.Verdict{}, err
	}
	verdict, err := ledger.Judge(facts, m.request(s, reviewed, key))
	if refusal := (*ledger.Refusal)(nil); errors.As(err, &refusal) {
		return verdict, m.refused(s, refusal)
	}
	if err != nil {
		return verdict, err
	}
	for _, f := range verdict.Findings {
		m.Prompter.Say("  ledger   %s: %s", f.Rule, f.Text)
		if err := m.transcript.Append(s.Step, transcript.ActorTool, transcript.Note{Note: transcript.NoteLedger, Of: s.Key, Text: string(f.Rule) + ": " + f.Text}); err != nil {
			return verdict, err
		}
	}
	if len(verdict.Make) == 0 {
		return verdict, nil
	}
	return verdict, token.CreateLedgerRecords(ctx, verdict.Make...)
}

func (m *machine) refused(s plan.Step, r *ledger.Refusal) error {
	err := fault.Errorf(fault.Refused, "%s: key %s: %w", r.Rule, s.Key, r).Hint("%s", r.Hint)
	switch {
	case r.Adoptable:
		return err.Hint("keyrite ledger adopt %s %s %s --reason TEXT", m.plan.Repository, s.Role, s.Key)
	case r.Overridable && s.Role == "root":
		return err.Hint("if no vehicle and no server can have what was signed: keyrite abort %s --reason TEXT, then keyrite plan %s --override REASON", m.plan.Ceremony, m.plan.Repository)
	case r.Overridable:
		return err.Hint("or sign a higher version: set floor: %d for %s in trust.yaml, then keyrite abort %s --reason TEXT, and keyrite plan %s", r.Signed+1, s.Role, m.plan.Ceremony, m.plan.Repository)
	}
	return err
}

// facts are what both witnesses know of a key in a role.
func (m *machine) facts(ctx context.Context, s plan.Step, key roles.Key, token *hsm.Token) (ledger.Facts, error) {
	f, err := custody.LedgerFacts(ctx, token, m.scene.Signed, s.Role, s.Version)
	if err != nil {
		return f, err
	}
	f.Signatures = append(m.past.Signatures(digest.SHA256(key.Fingerprint), s.Role), m.ownSignatures(s.Role, digest.SHA256(key.Fingerprint))...)
	// A key that the signed metadata knows and no transcript does has signed
	// elsewhere, or before there were ledgers.
	f.Older = len(f.Signatures) == 0 && f.Published.Version > 0 && !m.made[s.Key]
	return f, nil
}

// ownSignatures are those that this ceremony has made, or perhaps made.
func (m *machine) ownSignatures(role string, key digest.SHA256) []ledger.Signature {
	var list []ledger.Signature
	for e := range m.transcript.Events() {
		if d, ok := e.Data.(transcript.Signed); ok && d.Role == role && d.Fingerprint == key {
			list = append(list, ledger.Signature{Version: d.Version, Signed: d.SHA256, Time: e.Time, Where: m.plan.Ceremony, Seq: uint64(d.Record), Record: d.RecordHash})
		}
	}
	return list
}

func (m *machine) request(s plan.Step, reviewed *review.Reviewed, key roles.Key) ledger.Request {
	r := ledger.Request{
		Place:   ledger.Place{Key: key.Fingerprint, Repository: m.scene.Repo.LedgerID(), Role: s.Role},
		Version: s.Version, Signed: reviewed.SHA256(), Plan: m.sum, Time: m.Now(),
	}
	if m.plan.Override != "" && s.Role == "root" {
		r.Override = &ledger.Override{Person: m.scene.Repo.Keys[s.Key].Custodian, Reason: m.plan.Override}
	}
	return r
}

// maxSuperseded is how many records may stay on a token beside the one that
// counts. To destroy takes a helper of its own, and a PIN pad asks again.
const maxSuperseded = 4

// forget destroys the records that the new one has superseded, when the signature
// is durable and there are some. That it fails is no reason to stop: they are
// destroyed next time.
func (m *machine) forget(ctx context.Context, s plan.Step, verdict ledger.Verdict, token *hsm.Token) error {
	if len(verdict.Destroy) < maxSuperseded {
		return nil
	}
	if err := token.DestroyLedgerRecords(ctx, verdict.Destroy); err != nil {
		m.Prompter.Say("  ledger   records of earlier signatures stay on the token: %v", err)
		return m.transcript.Append(s.Step, transcript.ActorTool, transcript.Note{Note: transcript.NoteRecords, Of: s.Key, Text: "records of earlier signatures stay on the token: " + err.Error()})
	}
	return nil
}
