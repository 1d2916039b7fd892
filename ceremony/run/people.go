package run

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/prompt"
	"github.com/uptane/keyrite/ceremony/room"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/policies"
)

// desk keeps the roll of a ceremony: who is here, and what people tell besides
// their answers.
type desk struct {
	room.Room
	roll       people.Roll
	known      map[string][]string // names by part, from people.yaml and from earlier runs
	tokens     []string            // whose bags may be opened and sealed
	exceptions int
	changed    func() // somebody came or went
}

// newDesk makes the desk of a run with people.
func (m *machine) newDesk() (*desk, error) {
	d := &desk{Room: m.Room, known: map[string][]string{}, tokens: m.tokensInUse(), changed: func() { m.checked = nil }}
	d.roll = people.Roll{Parts: people.Parts(m.scene.Trust.People, m.custodians()), Shared: m.sharedRole, Waived: m.waived("PARTS-APART")}
	names, err := m.Workspace.Names()
	if err != nil {
		return nil, err
	}
	for _, unknown := range names.Unknown(m.scene.Trust) {
		m.Prompter.Say("%s", strings.Join(append([]string{unknown.Error()}, fault.Hints(unknown)...), "; "))
	}
	for _, n := range slices.Backward(names.People) { // the last one known comes first
		d.knows(n.Part, n.Name)
	}
	if m.transcript == nil {
		return d, nil
	}
	for e := range m.transcript.Events() {
		switch t := e.Data.(type) {
		case transcript.Arrived:
			d.knows(t.Part, t.Name)
		case transcript.Exception:
			d.exceptions = max(d.exceptions, t.Number)
		}
	}
	return d, nil
}

// knows keeps a name for a part, the last one first.
func (d *desk) knows(part, name string) {
	part = strings.ToLower(part)
	list := slices.DeleteFunc(d.known[part], func(n string) bool { return n == name })
	d.known[part] = append([]string{name}, list...)
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
	m.Room.Desk = m.desk.take
	if err := m.fitting(ctx, screen.Join(m.title(), screen.Blank, screen.Plainly("Roll-call: who is here? An empty line leaves a part open."))); err != nil {
		return err
	}
	for _, part := range m.desk.roll.Missing(func(people.Part) bool { return true }) {
		if err := m.desk.seat(ctx, log, part); err != nil {
			return err
		}
	}
	if err := m.desk.show(ctx); err != nil {
		return err
	}
	return m.judgePeople()
}

// seat asks for the name of who takes a part. Nobody is an answer.
func (d *desk) seat(ctx context.Context, log room.Log, part people.Part) error {
	for {
		known := d.suggestion(part)
		typed, err := d.Prompter.Line(ctx, people.SeatQuestion(part.Name, known))
		if err != nil {
			return err
		}
		name := strings.TrimSpace(typed)
		if name == "" {
			name = known
		}
		if name == "" {
			return nil
		}
		if err := d.arrive(log, 0, name, part.Name); err == nil || !isTyped(err) {
			return err
		} else {
			d.say(err)
		}
	}
}

// suggestion is a name for a part that is not taken yet.
func (d *desk) suggestion(part people.Part) string {
	for _, name := range d.known[strings.ToLower(part.Name)] {
		if !slices.ContainsFunc(d.roll.Present(), func(p policies.Person) bool { return p.Name == name }) {
			return name
		}
	}
	return ""
}

func (d *desk) arrive(log room.Log, step int, name, part string) error {
	arrived, err := d.roll.Arrive(name, part, d.Now())
	if err != nil {
		return &typed{err}
	}
	d.changed()
	d.knows(arrived.Part, arrived.Name)
	return log.Append(step, transcript.ActorPerson, arrived)
}

func (d *desk) show(ctx context.Context) error {
	return prompt.Read(ctx, d.Prompter, screen.Join(screen.Blank, d.roll.Table().Text(d.Prompter.Terminal().Columns()), screen.Blank))
}

func (d *desk) say(err error) {
	d.Prompter.Show(screen.Styled(screen.Warn, "%s", strings.Join(append([]string{err.Error()}, fault.Hints(err)...), "; ")))
}

// typed is an error of what somebody typed, who is asked again.
type typed struct{ error }

func isTyped(err error) bool { return errors.As(err, new(*typed)) }

// Unwrap is that of errors.
func (t *typed) Unwrap() error { return t.error }

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
	if m.desk == nil {
		return nil
	}
	who := m.scene.Repo.Custodian(s.Key)
	missing := m.desk.roll.Missing(func(p people.Part) bool {
		return p.Kind == policies.Officer && p.Name == who && !m.waived("QUORUM-PRESENT") || m.alwaysWanted(p)
	})
	if len(missing) > 0 { // no token waits logged in
		if err := m.tokens.Close(); err != nil {
			return err
		}
	}
	for _, part := range missing {
		since := ""
		if left := m.desk.roll.Left(part.Name); !left.IsZero() {
			since = ", who left at " + left.UTC().Format("15:04 UTC")
		}
		stops := "An empty line"
		if m.desk.suggestion(part) != "" { // which Enter takes
			stops = "Ctrl-C"
		}
		m.Prompter.Show(screen.Styled(screen.Strong, "This step waits for %s%s. %s stops here.", part.Name, since, stops))
		if err := m.desk.seat(ctx, m.transcript, part); err != nil {
			return err
		}
	}
	return absent(m.desk.roll.Missing(func(p people.Part) bool { return slices.Contains(missing, p) }))
}

// absent is the error of parts that nobody takes.
func absent(parts []people.Part) error {
	if len(parts) == 0 {
		return nil
	}
	err := fault.Errorf(fault.Incomplete, "%s is not here, want somebody in that part", parts[0].Name).Hint("wait for them and run it again")
	if parts[0].Kind != policies.Officer {
		err.Hint("trust.yaml says under people how many must be there")
	}
	return err
}

// holder is who takes the part of a key's custodian.
func (m *machine) holder(key string) string {
	if m.desk == nil {
		return ""
	}
	return m.desk.roll.Holder(m.scene.Repo.Custodian(key))
}

// number reads a number that stands before a text.
func number(text string) (int, string) {
	first, rest, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToUpper(first), "E"))
	if err != nil || n < 1 || n > 999 {
		return 0, text
	}
	return n, strings.TrimSpace(rest)
}
