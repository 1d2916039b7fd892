package run

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// seal joins the signatures of an emergency kit to its file, once it is sure that they
// count and that they are not enough. The same signatures make the same file.
func (m *machine) seal(s plan.Step) error {
	reviewed, ok := m.reviewed[s.Role]
	if !ok {
		return fault.Errorf(fault.Usage, "plan.yaml: step %d seals %s, which no step before it reviews", s.Step, s.Role)
	}
	k, err := m.kitOf(s, reviewed)
	if err != nil {
		return err
	}
	data, err := k.Encode()
	if err != nil {
		return err
	}
	if err := m.Workspace.Ensure(s.Path, data); err != nil {
		return err
	}
	m.showEnvelope(s.Path, k)
	if _, noted := transcript.Last[transcript.Sealed](m.transcript, s.Step); noted {
		return nil
	}
	return m.transcript.Append(s.Step, transcript.ActorTool, transcript.Sealed{Kit: k.Name, Path: s.Path, Version: k.Root, SHA256: k.SHA256, File: k.Sum})
}

// kitOf is what goes into the envelope.
func (m *machine) kitOf(s plan.Step, reviewed *review.Reviewed) (*kit.Kit, error) {
	p, file := m.plan, reviewed.File()
	k := &kit.Kit{
		Version: 1, Name: p.Emergency, Fleet: p.Fleet, Repository: p.Repository, Format: p.Format, Ceremony: p.Ceremony, Plan: m.sum, Made: p.Created,
		Reason: p.Reason, Replace: p.Replace, Root: file.Version, Follows: digest.Of(m.scene.Signed.Root().Signed), Expires: file.Expires,
		SHA256: reviewed.SHA256(), Bytes: string(reviewed.ToSign()),
	}
	for _, step := range p.Signing(s.Role) {
		signature, err := m.signature(step)
		if err != nil {
			return nil, err
		}
		k.By = append(k.By, signature)
	}
	for _, q := range m.scene.Quorums(s.Role) {
		k.Lacks = append(k.Lacks, lackOf(q, k.Signers()))
	}
	return k, reviewed.BelowThresholds(k.By)
}

func lackOf(q scene.Quorum, signers []string) kit.Lack {
	left := slices.DeleteFunc(slices.Clone(q.Keys), func(key string) bool { return slices.Contains(signers, key) })
	return kit.Lack{Of: q.Name, Has: len(q.Keys) - len(left), Threshold: q.Threshold, Keys: left}
}

// showEnvelope shows the words that are written on the paper of a kit.
func (m *machine) showEnvelope(path string, k *kit.Kit) {
	m.Prompter.Show(screen.Join(screen.Blank, screen.Plainly("%s, words for the paper that goes into the envelope:", path),
		m.Prompter.Terminal().Words(k.Sum)))
}

// openKit reads the kit that this ceremony completes, as the plan pins it. A rehearsal
// has none: its keys are others.
func (m *machine) openKit() (err error) {
	if m.plan.Complete == "" || m.Rehearsal != nil {
		return nil
	}
	m.kit, err = kit.Read(plan.Pinned(m.Workspace.Folder, m.plan), m.plan.Complete)
	return err
}

// unseal takes a signature out of the kit that is completed. It counts because it is one
// of exactly these bytes by exactly this key.
func (m *machine) unseal(s plan.Step, reviewed *review.Reviewed) error {
	signature, _ := m.kit.SignedBy(s.Key)
	if err := reviewed.Check(s.Key, signature); err != nil {
		return fault.Errorf(fault.Unverified, "%s: %w", kit.Path(m.kit.Name), err)
	}
	signature.External = true
	m.Prompter.Say("  signed   by %s, in the emergency kit %s; the signature is verified", s.Key, m.kit.Name)
	return m.keep(s, signature)
}

// sealedFacts are the end of a ceremony that sealed a kit.
func (m *machine) sealedFacts() []screen.Fact {
	return []screen.Fact{
		screen.Of("sealed", fmt.Sprintf("%s, which nobody publishes: copy it onto a stick, into the envelope, with the paper of its words", kit.Path(m.plan.Emergency))),
		screen.Of("next", fmt.Sprintf("keyrite record %s, to print, sign and file", m.plan.Ceremony)),
		screen.Of("", "keyrite status says when it is stale"),
		screen.Of("", fmt.Sprintf("in the emergency: keyrite plan %s --complete %s", m.plan.Repository, m.plan.Emergency)),
	}
}
