package run

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/ceremony/desk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/screen"
	"github.com/uptane/keyrite/ceremony/transcript"
)

// decliner is who said no to what a step asks last: the person by name, empty where
// no roll was called. declined is false where the step ended for another reason.
func (m *machine) decliner(s plan.Step) (who string, declined bool) {
	events := m.events()
	if len(events) == 0 {
		return "", false
	}
	last := events[len(events)-1]
	if _, declined = last.Data.(transcript.Declined); !declined || last.Step != s.Step {
		return "", false
	}
	if last.Actor != transcript.ActorPerson {
		who = last.Actor
	}
	return who, true
}

// showStop is the end of a run that is not the end of its ceremony: who stopped it,
// what stays, which bags are open, and what to write down; where people left it, also
// how it goes on, which an error has as a hint.
func (m *machine) showStop(stopped string, s plan.Step, left bool) error {
	m.Prompter.Show(screen.Join(screen.Blank, screen.Styled(screen.Warn, "%s", stopped)))
	desk.ShowOpenBags(m.Prompter, m.events())
	if err := m.showHead(); err != nil {
		return err
	}
	m.showNeeded(s.Step)
	if left {
		m.Prompter.Show(screen.Plainly("next    keyrite %s %s", m.command(), m.plan.Ceremony))
	}
	return nil
}

// showNeeded names whom it takes to go on from a step, so that nobody comes in vain.
func (m *machine) showNeeded(from int) {
	if m.Yes {
		return
	}
	for i, who := range m.needed(from) {
		text := screen.Plainly("%-8s%s", map[bool]string{true: "needed"}[i == 0], who)
		if i == 0 {
			text = screen.Join(screen.Blank, text)
		}
		m.Prompter.Show(text)
	}
}

// needed are the people without whom a step cannot begin, and whoever acts next.
func (m *machine) needed(from int) (list []string) {
	for _, part := range m.desk.Missing(m.alwaysWanted) {
		list = append(list, part.Name+", who is not here")
	}
	for _, s := range m.plan.Steps {
		if s.Step >= from && s.Key != "" && !m.isDone(s) && !slices.Contains(m.signed[s.Role], s.Key) {
			return append(list, fmt.Sprintf("%s (step %d)", m.actor(s), s.Step))
		}
	}
	return list
}

// actor is who acts at a step of a key: by name, if somebody with that part is here.
func (m *machine) actor(s plan.Step) string {
	who := m.scene.Repo.Custodian(s.Key)
	if who == "" {
		who = "whoever holds " + s.Key
	}
	if name := m.holder(s.Key); name != "" {
		who = name + ", " + who
	}
	if token := m.site.Keys[s.Key]; token != "" && !s.External {
		return who + ", with token " + token
	}
	return who + ", for the signature by " + s.Key
}

// showUnmet names whom the next run needs, where this one ended before its first step
// and nothing is wrong with the plan.
func (m *machine) showUnmet(err error) {
	if err == nil || m.scene == nil {
		return
	}
	switch fault.CodeOf(err) {
	case fault.Failed, fault.Interrupted, fault.Incomplete, fault.Token:
		m.showNeeded(m.reached())
	}
}

// reached is the step that earlier runs came to.
func (m *machine) reached() (step int) {
	if m.transcript == nil {
		return 1
	}
	for e := range m.transcript.Events() {
		step = max(step, e.Step)
	}
	return step
}

// stopped says who stopped at a step, and what stays.
func stopped(s plan.Step, who string, declined bool) string {
	text := "stopped"
	if who != "" {
		text += " by " + who
	}
	text += fmt.Sprintf(" at step %d", s.Step)
	if declined {
		text += fmt.Sprintf(". Nothing of step %d was done", s.Step)
	}
	switch {
	case s.Step == 2:
		text += "; step 1 stays"
	case s.Step > 2:
		text += fmt.Sprintf("; steps 1 to %d stay", s.Step-1)
	}
	return text + "."
}
