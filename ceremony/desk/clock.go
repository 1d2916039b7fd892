package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/people"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
)

// WhoComparedClock asks for two of the people who are here and have compared the clock
// with watches of their own; nil without an answer, or where they are fewer.
func (d *Desk) WhoComparedClock(ctx context.Context) ([]string, error) {
	if len(d.Present()) < 2 {
		return nil, nil
	}
	for {
		typed, err := d.Prompter.Line(ctx, people.ClockQuestion(d.Now().UTC().Format(time.DateTime)+" UTC"))
		if err != nil || strings.TrimSpace(typed) == "" {
			return nil, err
		}
		names, err := present(d.Present(), strings.Split(typed, ","))
		if err == nil {
			return names, nil
		}
		d.Prompter.Say("%s", err)
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
