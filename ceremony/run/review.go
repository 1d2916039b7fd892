package run

import (
	"context"
	"strings"

	"github.com/uptane/keyrite/ceremony/foresight"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/review"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
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
	reviewed, line, err := candidate.Review(m.scene, m.plan, checks, func(c review.Content) error { return m.read(ctx, s, c) }, m.Now())
	if err != nil {
		return err
	}
	m.reviewed[s.Role] = reviewed
	return m.transcript.Append(s.Step, transcript.ActorTool, line)
}

// read has people read what a file will say.
func (m *machine) read(ctx context.Context, s plan.Step, c review.Content) error {
	if m.Yes {
		m.Prompter.Show(screen.Join(c.Card().Text(m.Prompter.Terminal().Columns()), screen.Blank))
		return nil
	}
	for show := true; ; {
		if show {
			if err := m.ShowCard(ctx, c.Card(), m.heading(s), review.ReadQuestion); err != nil {
				return err
			}
		}
		show = true // what is typed besides an answer may take it off the screen
		typed, err := m.Prompter.Line(ctx, review.ReadQuestion)
		if err != nil {
			return err
		}
		switch strings.ToLower(strings.TrimSpace(typed)) {
		case "":
			return nil
		case "s", "stop", "n", "no":
			return prompt.ErrDeclined
		case "v":
			m.Prompter.Page(ctx, c.Details())
			show = !m.Prompter.Terminal().Restores()
			continue
		}
		if taken, err := m.desk.Take(ctx, m.transcript, s.Step, typed); err != nil {
			return err
		} else if !taken {
			m.Prompter.Say("Only Enter goes on; help lists what else can be typed.")
			show = false
		}
	}
}

// subject is what policies judge.
func (m *machine) subject() *foresight.Subject {
	return &foresight.Subject{
		Scene: m.scene, Plan: m.plan, Room: scene.RoomOf(m.site, m.scene.Repo.KeyNames), Now: m.Now(),
		Written: func(role string) bool { return m.placed[role] }, Present: m.desk.Present(),
	}
}

// checkPolicy runs the policy with the keys as they are now. Nothing that it
// judges changes in this process after that, but who is here.
func (m *machine) checkPolicy() error {
	if m.checked != nil {
		return nil
	}
	result, err := m.subject().Check()
	m.checked = &result
	return err
}
