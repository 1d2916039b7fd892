package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/sites"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/hsm"
)

// sign has one key sign a reviewed file: its custodian agrees, the token is
// opened for this signature and closed after it, where people are. The signature is verified before
// anything is written.
func (m *machine) sign(ctx context.Context, s plan.Step) error {
	reviewed, ok := m.reviewed[s.Role]
	if !ok {
		return fault.Errorf(fault.Usage, "plan.yaml: step %d signs %s, which no step before it reviews", s.Step, s.Role)
	}
	if done, err := m.signedBefore(s, reviewed); err != nil || done {
		m.has(s, err)
		return err
	}
	if s.External && !m.plays(s) {
		return &wait{s}
	}
	token, err := m.site.TokenOf(s.Key)
	if err != nil {
		return err
	}
	signing := review.Signing{Step: s.Step, Key: s.Key, Who: m.scene.Repo.Custodian(s.Key), Name: m.holder(s.Key), Token: token.Name, Signed: m.signed[s.Role]}
	agreed, err := reviewed.Agree(signing, func(q room.Question) error { return m.consent(ctx, q, s.Key, []string{s.Role}) })
	if err != nil {
		return err
	}
	err = m.tokens.Use(ctx, m.Room, m.transcript, token, false, func(t *hsm.Token) error {
		return m.signOn(ctx, s, reviewed, agreed, t)
	})
	m.has(s, err)
	return err
}

// plays says whether a rehearsal has a token sign what the real ceremony takes out of a
// kit.
func (m *machine) plays(s plan.Step) bool {
	_, here := m.site.Keys[s.Key]
	return m.Rehearsal != nil && s.Sealed && here
}

// has counts a signature that is there.
func (m *machine) has(s plan.Step, err error) {
	if err == nil {
		m.signed[s.Role] = append(m.signed[s.Role], s.Key)
	}
}

func (m *machine) signOn(ctx context.Context, s plan.Step, reviewed *review.Reviewed, agreed *review.Agreed, token *hsm.Token) error {
	// The very path that signs: a key that is not there is told before the token is
	// asked to remember anything.
	if _, err := token.Find(ctx, agreed.Public().Public); err != nil {
		return fmt.Errorf("key %s: %w", s.Key, err)
	}
	intent := transcript.Signing{Role: s.Role, Version: s.Version, Key: s.Key, Token: token.Info().Serial, SHA256: reviewed.SHA256()}
	if err := m.transcript.Append(s.Step, transcript.ActorTool, intent); err != nil {
		return err
	}
	verdict, err := m.remember(ctx, s, reviewed, agreed.Public(), token)
	if err != nil {
		return err
	}
	signer, err := token.Find(ctx, agreed.Public().Public) // again: the helper may be a new one
	if err != nil {
		return fmt.Errorf("key %s: %w", s.Key, err)
	}
	signature, err := agreed.Sign(ctx, signer)
	if err != nil {
		return err
	}
	signature.External = s.External
	if verdict.Record.Seq > 0 {
		signature.Record, signature.RecordHash = int64(verdict.Record.Seq), verdict.Record.Hash()
	}
	if err := m.keep(s, signature); err != nil {
		return err
	}
	return m.forget(ctx, s, verdict, token)
}

// keep makes a signature durable: its file, then its line.
func (m *machine) keep(s plan.Step, signature transcript.Signed) error {
	data, err := strict.JSON(signature)
	if err != nil {
		return err
	}
	if err := m.Workspace.Create(m.signaturePath(s), append(data, '\n')); err != nil {
		return err
	}
	return m.transcript.Append(s.Step, transcript.ActorTool, signature)
}

func (m *machine) signaturePath(s plan.Step) string { return m.plan.SignaturePath(m.site.Name, s) }

// signedBefore finds the signature of an earlier run. It counts because it is one
// of exactly these bytes by exactly this key, and for no other reason.
func (m *machine) signedBefore(s plan.Step, reviewed *review.Reviewed) (bool, error) {
	found, err := m.ownSignature(s)
	if errors.Is(err, fs.ErrNotExist) && s.Sealed && m.kit != nil {
		return true, m.unseal(s, reviewed)
	}
	if errors.Is(err, fs.ErrNotExist) && s.External {
		return m.signedThere(s, reviewed)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := reviewed.Check(s.Key, found); err != nil {
		return false, fault.Errorf(fault.Unverified, "%s: %w", m.signaturePath(s), err)
	}
	if found.External != s.External {
		return false, fault.Errorf(fault.Unverified, "%s: external is %t, but the plan says %t", m.signaturePath(s), found.External, s.External)
	}
	m.Prompter.Say("  signed   by %s %s; the signature is verified", s.Key, map[bool]string{false: "already, in an earlier run", true: "elsewhere"}[s.External])
	if _, written := transcript.Last[transcript.Signed](m.transcript, s.Step); written {
		return true, nil
	}
	return true, m.transcript.Append(s.Step, transcript.ActorTool, found)
}

// signedElsewhere takes the signature of another site, or waits for it.
func (m *machine) signedElsewhere(s plan.Step) error {
	reviewed := m.reviewed[s.Role]
	done, err := m.signedThere(s, reviewed)
	if err == nil && !done {
		return &wait{s}
	}
	m.has(s, err)
	return err
}

// signedThere finds the signature that another site made. It counts because it is one
// of exactly these bytes by exactly this key.
func (m *machine) signedThere(s plan.Step, reviewed *review.Reviewed) (bool, error) {
	found, err := m.others.Signature(s)
	if err != nil || found == nil {
		return false, err
	}
	if err := reviewed.Check(s.Key, found.Signed); err != nil {
		return false, fault.Errorf(fault.Unverified, "%s: %w", found.File, err)
	}
	m.Prompter.Say("  signed   by %s, at another site; the signature is verified", s.Key)
	return true, m.received(s, *found)
}

// awaited says whose signature has to be brought in.
func (m *machine) awaited(s plan.Step) *fault.Error {
	reviewed := m.reviewed[s.Role]
	who := m.scene.Repo.Keys[s.Key].Custodian
	if who == "" {
		who = "whoever holds " + s.Key
	}
	return fault.Errorf(fault.Incomplete, "waits for %s: the signature of %s %d by %s, over bytes with SHA-256 %s", who, s.Role, s.Version, s.Key, reviewed.SHA256()).
		Hint("keyrite sign-request %s --key %s writes the bytes and says how to sign them", m.plan.Ceremony, s.Key).
		Hint("keyrite signature add %s FILE takes the signature in", m.plan.Ceremony)
}

// signature is that of a step, of whichever site.
func (m *machine) signature(s plan.Step) (transcript.Signed, error) {
	own, err := m.ownSignature(s)
	if !errors.Is(err, fs.ErrNotExist) {
		return own, err
	}
	found, otherErr := m.others.Signature(s)
	if otherErr != nil || found == nil {
		return transcript.Signed{}, errors.Join(err, otherErr)
	}
	return found.Signed, nil
}

func (m *machine) ownSignature(s plan.Step) (transcript.Signed, error) {
	name := m.signaturePath(s)
	data, err := m.Workspace.Read(name, sites.MaxSignature)
	if err != nil {
		return transcript.Signed{}, err
	}
	return transcript.ParseSigned(name, data)
}
