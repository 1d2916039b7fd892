package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// assess says what a theft or a loss means and, where that is asked for, has trust.yaml
// name new keys in the place of those that have to go.
func (a *app) assess(ws *workspace.Workspace, request plan.Request, how planning, shown *shownPlan) (err error) {
	if len(request.Stolen)+len(request.Lost) == 0 {
		if how.rotate {
			return fault.Errorf(fault.Usage, "--rotate needs --stolen or --lost: which keys have to go?")
		}
		return nil
	}
	if shown.Theft, err = plan.Assess(ws, request); err != nil {
		return err
	}
	for _, line := range shown.Theft.Lines() {
		a.say("%s", strings.TrimRight(page.Fill(line.Head, line.Text, columns), "\n"))
	}
	if how.rotate {
		if err := a.rotate(ws, shown); err != nil {
			return err
		}
	}
	return a.print(shown, nil)
}

func (a *app) rotate(ws *workspace.Workspace, shown *shownPlan) (err error) {
	if shown.Rotated, err = plan.Rotate(ws, shown.Theft); err != nil {
		return err
	}
	if len(shown.Rotated.Replaced) == 0 {
		a.say("trust.yaml names other keys already")
	}
	for _, old := range slices.Sorted(maps.Keys(shown.Rotated.Replaced)) {
		a.say("trust.yaml: %s in the place of %s", shown.Rotated.Replaced[old], old)
	}
	for _, key := range slices.Sorted(maps.Keys(shown.Rotated.Tokens)) {
		a.say("site.yaml: %s on token %s, as the one before it", key, shown.Rotated.Tokens[key])
	}
	return nil
}

// rotatable adds to a refusal how the keys that have to go are replaced.
func rotatable(err error, request plan.Request, shown *shownPlan) error {
	refusal := (*fault.Error)(nil)
	if shown.Theft == nil || shown.Rotated != nil || len(shown.Theft.Replace) == 0 || !errors.As(err, &refusal) || refusal.Code != fault.Refused {
		return err
	}
	command := "keyrite plan " + request.Repository
	for _, of := range []struct {
		flag string
		keys []string
	}{{" --stolen ", request.Stolen}, {" --lost ", request.Lost}} {
		if len(of.keys) > 0 {
			command += of.flag + strings.Join(of.keys, ",")
		}
	}
	return refusal.Hint("%s", fmt.Sprintf("%s --rotate names new keys in their place in trust.yaml", command))
}
