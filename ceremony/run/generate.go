package run

import (
	"context"

	"github.com/uptane/keyrite/ceremony/custody"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// generate makes a key pair, reads back what the token says of it, has it prove
// possession, and writes its public record. From here on its value is that of the
// token, whatever becomes of the record.
func (m *machine) generate(ctx context.Context, s plan.Step) error {
	token, err := m.site.TokenOf(s.Key)
	if err != nil {
		return err
	}
	n := custody.NewKey{Step: s.Step, Name: s.Key, Type: s.Type, Backup: s.Backup, Token: token, Tokens: m.tokens, GoesOn: m.goesOn(s)}
	n.Unproven = !m.scene.Repo.WantsEvidence(m.scene.Policy, s.Key)
	n.Consent = func(q room.Question) error {
		q.Who, q.Name = m.scene.Repo.Custodian(s.Key), m.holder(s.Key)
		return m.consent(ctx, q, s.Key, m.scene.Repo.RolesOf(s.Key))
	}
	if before, begun := transcript.Last[transcript.Generating](m.transcript, s.Step); begun {
		n.Before = &before
	}
	record, err := n.Make(ctx, m.Room, m.transcript)
	if err != nil {
		return err
	}
	m.made[s.Key] = true
	if err := m.keepKey(s, record); err != nil {
		return err
	}
	return m.scene.AddKey(record)
}

// goesOn says whether the act in which a key is made has another key to make.
func (m *machine) goesOn(s plan.Step) bool {
	for m.plan.GoesOn(s, m.site.Keys, m.scene.Repo.Custodian) {
		if s = m.plan.Steps[s.Step]; !m.isDone(s) {
			return true
		}
	}
	return false
}
