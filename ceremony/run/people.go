package run

import (
	"context"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/desk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/policies"
)

// newDesk makes the desk of a run with people.
func (m *machine) newDesk() (*desk.Desk, error) {
	names, err := m.Workspace.Names()
	if err != nil {
		return nil, err
	}
	for _, unknown := range names.Unknown(m.scene.Trust) {
		m.Prompter.Say("%s", strings.Join(append([]string{unknown.Error()}, fault.Hints(unknown)...), "; "))
	}
	want := desk.Wanted{
		Roll:    people.Roll{Parts: people.Parts(m.scene.Trust.People, m.custodians()), Shared: m.sharedRole, Waived: m.waived("PARTS-APART")},
		Tokens:  m.tokensInUse(),
		Changed: func() { m.checked = nil },
	}
	return desk.New(m.Room, want, names, m.events()), nil
}

// events are those of the transcript, none where there is no transcript yet.
func (m *machine) events() []transcript.Event {
	if m.transcript == nil {
		return nil
	}
	return slices.Collect(m.transcript.Events())
}

// custodians hold the tokens that the steps use here, in the order of the steps.
func (m *machine) custodians() (list []string) {
	for _, s := range m.plan.Steps {
		if _, here := m.site.Keys[s.Key]; s.Key == "" || !here {
			continue
		}
		if who := m.scene.Repo.Custodian(s.Key); who != "" && !slices.Contains(list, who) {
			list = append(list, who)
		}
	}
	return list
}

// sharedRole is a role that wants several signatures and that both custodians sign.
func (m *machine) sharedRole(a, b string) string {
	for _, role := range m.scene.Repo.Order() {
		keys, threshold := m.scene.Repo.Signers(role)
		holds := func(who string) bool {
			return slices.ContainsFunc(keys, func(key string) bool { return m.scene.Repo.Custodian(key) == who })
		}
		if threshold > 1 && holds(a) && holds(b) {
			return role
		}
	}
	return ""
}

func (m *machine) waived(check string) bool {
	for _, w := range m.scene.Repo.Waivers {
		if w.Check == check {
			return true
		}
	}
	return false
}

// rollCall asks who is here, before anything else is done. Without people, when
// the room lets tokens sign unattended, there is none.
func (m *machine) rollCall(ctx context.Context, log room.Log) (err error) {
	if m.Yes || !m.Prompter.Asks() {
		return nil
	}
	if m.desk, err = m.newDesk(); err != nil {
		return err
	}
	m.Room.Desk = m.desk.Take
	if err := m.desk.CallRoll(ctx, log, m.title()); err != nil {
		return err
	}
	return m.judgePeople()
}

// judgePeople holds who is here against the policy, before anything is done.
func (m *machine) judgePeople() error {
	result, err := m.subject().Check()
	if err != nil {
		return err
	}
	result.Findings = slices.DeleteFunc(result.Findings, func(f policies.Finding) bool { return !policies.AboutPeople(f.ID) })
	return scene.RefusedBy(result)
}

// alwaysWanted says whether a part must be taken at every step: whoever leads and
// whoever watches, unless that is waived.
func (m *machine) alwaysWanted(p people.Part) bool {
	return p.Kind != policies.Officer && !m.waived("PEOPLE-PRESENT")
}

// attended makes sure that whoever has to see a step is here: its custodian, and
// as many others as trust.yaml wants. Whoever is missing is asked for by name.
func (m *machine) attended(ctx context.Context, s plan.Step) error {
	who := m.scene.Repo.Custodian(s.Key)
	missing := m.desk.Missing(func(p people.Part) bool {
		return p.Kind == policies.Officer && p.Name == who && !m.waived("QUORUM-PRESENT") || m.alwaysWanted(p)
	})
	if len(missing) == 0 {
		return nil
	}
	if err := m.tokens.Close(); err != nil { // none waits logged in
		return err
	}
	return m.desk.Await(ctx, m.transcript, missing)
}

// holder is who takes the part of a key's custodian.
func (m *machine) holder(key string) string { return m.desk.Holder(m.scene.Repo.Custodian(key)) }
