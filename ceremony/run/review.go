package run

import (
	"context"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// review builds a file, checks it and shows it. It is done in every process that
// signs, whatever a transcript says of an earlier one.
func (m *machine) review(ctx context.Context, s plan.Step) error {
	if err := m.vouch(ctx, s); err != nil {
		return err
	}
	if err := m.checkPolicy(); err != nil {
		return err
	}
	candidate, err := review.Build(m.scene, m.plan, s.Role)
	if err != nil {
		return err
	}
	checks := review.Checks{Result: *m.checked, Tokens: m.site.Keys}
	reviewed, line, err := candidate.Review(m.scene, m.plan, checks, m.Prompter, m.Now())
	if err != nil {
		return err
	}
	m.reviewed[s.Role] = reviewed
	return m.transcript.Append(s.Step, transcript.ActorTool, line)
}

// checkPolicy runs the policy with the keys as they are now. Nothing that it
// judges changes in this process after that.
func (m *machine) checkPolicy() error {
	if m.checked != nil {
		return nil
	}
	subject := &plan.Subject{
		Scene: m.scene, Plan: m.plan, Room: plan.RoomOf(m.site, m.scene.Repo.KeyNames), Now: m.Now(),
		Written: func(role string) bool { return m.placed[role] },
	}
	result, err := subject.Check()
	m.checked = &result
	return err
}
