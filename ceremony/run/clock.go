package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/preflight"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// confirmClock asks for two of the people who are here and have compared the clock
// with watches of their own. Without an answer the clock stays a warning.
func (m *machine) confirmClock(ctx context.Context, report *preflight.Report) error {
	if m.desk == nil || !report.ClockOpen() || len(m.desk.roll.Present()) < 2 {
		return nil
	}
	for {
		typed, err := m.Prompter.Line(ctx, people.ClockQuestion(m.Now().UTC().Format(time.DateTime)+" UTC"))
		if err != nil || strings.TrimSpace(typed) == "" {
			return err
		}
		names, err := present(m.desk.roll.Present(), strings.Split(typed, ","))
		if err == nil {
			report.ConfirmClock(names...)
			return nil
		}
		m.Prompter.Say("%s", err)
	}
}

// present finds two different people who are here, each by the name or by one word
// of it that nobody else has.
func present(here []policies.Person, typed []string) (names []string, err error) {
	for _, text := range typed {
		text = strings.TrimSpace(text)
		var found []string
		for _, p := range here {
			known := strings.EqualFold(p.Name, text) || slices.ContainsFunc(strings.Fields(p.Name), func(word string) bool { return strings.EqualFold(word, text) })
			if known && !slices.Contains(found, p.Name) {
				found = append(found, p.Name)
			}
		}
		if len(found) != 1 {
			return nil, fault.Errorf(fault.Usage, "%s: got %d people of that name here, want one", words.Quote(text), len(found))
		}
		if !slices.Contains(names, found[0]) {
			names = append(names, found[0])
		}
	}
	if len(names) < 2 {
		return nil, fault.Errorf(fault.Usage, "got %s, want two people", words.List(names))
	}
	return names, nil
}

// notBefore refuses a clock that is behind a line of a transcript: what would be signed
// now would seem older than what was done before it.
func (m *machine) notBefore(last time.Time, where string) error {
	if now := m.Now(); now.Before(last.Add(-time.Minute)) {
		return fault.Errorf(fault.Refused, "the clock says %s, but %s was written at %s", roles.FormatTime(now), where, roles.FormatTime(last)).
			Hint("set the clock by a watch that two people agree on")
	}
	return nil
}

// afterLast is notBefore for the transcript of this site.
func (m *machine) afterLast() error {
	for _, e := range slices.Backward(slices.Collect(m.transcript.Events())) {
		return m.notBefore(e.Time, fmt.Sprintf("line %d of %s/%s", e.Seq, m.dir(), transcript.File))
	}
	return nil
}
