package run

import (
	"context"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
)

// consent asks for the exact phrase of what cannot be undone, unless --yes was
// given and the token of the key is marked unattended for those roles, or is a
// throwaway one. Either way it stands in the transcript.
func (m *machine) consent(ctx context.Context, q room.Question, key string, forRoles []string) error {
	if !m.Yes {
		if i := slices.IndexFunc(m.plan.Steps, func(s plan.Step) bool { return s.Step == q.Step }); i >= 0 {
			q.Header = m.heading(m.plan.Steps[i])
		}
		return m.Consent(ctx, m.transcript, q)
	}
	name := m.site.Keys[key]
	for _, role := range forRoles {
		if m.Rehearsal == nil && !slices.Contains(m.site.Tokens[name].Unattended, role) {
			return fault.Errorf(fault.Refused, "--yes: token %s may not sign %s unattended", name, role).
				Hint("run without --yes and answer the questions; or, if the pin of tokens.%s in site.yaml needs no person, add %s to its unattended", name, role)
		}
	}
	return m.Unattended(m.transcript, q, name, forRoles)
}
