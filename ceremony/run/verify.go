package run

import (
	"context"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/foresight"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// verify checks the repository as a client does that knows nothing but version 1 of
// root, as far as it is signed here, and that the disk holds just what was verified.
func (m *machine) verify(ctx context.Context, s plan.Step) error {
	until := foresight.Until(m.scene, m.plan)
	report, err := m.scene.Signed.VerifyAsClient(until, m.scene.Others(m.plan.Room), workspace.KeyNames(m.Workspace.Dir), m.Now())
	if err != nil {
		return err
	}
	for name, raw := range m.scene.Signed.OnDisk() {
		if m.Workspace.Holds(name, raw) != nil {
			return fault.Errorf(fault.Unverified, "%s has changed since this ceremony read or wrote it", name)
		}
	}
	if err := m.noStranger(); err != nil {
		return err
	}
	result := transcript.Verified{Until: string(until), Notes: report.Notes}
	for _, f := range report.Files {
		sum, err := digest.Parse(f.SHA256)
		if err != nil {
			return err
		}
		result.Files = append(result.Files, transcript.VerifiedFile{Name: f.Name, Version: f.Version, SHA256: sum})
	}
	if err := m.fitting(ctx, screen.Plainly("%s", report)); err != nil {
		return err
	}
	for _, e := range m.plan.Elsewhere {
		m.Prompter.Say("  note     %s", e)
	}
	for _, s := range m.plan.Suppliers {
		m.Prompter.Say("  note     %s", s)
	}
	for _, due := range m.plan.Server {
		m.Prompter.Say("  next     %s", due)
	}
	return m.transcript.Append(s.Step, transcript.ActorTool, result)
}
