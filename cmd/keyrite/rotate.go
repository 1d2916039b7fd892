package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/kit"
	"github.com/uptane/keyrite/ceremony/kits"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/theft"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// assess says what a theft or a loss means and, where that is asked for, has trust.yaml
// name new keys in the place of those that have to go.
func (a *app) assess(ws *workspace.Workspace, request *plan.Request, how planning, shown *shownPlan) (err error) {
	switch none := len(request.Stolen)+len(request.Lost) == 0; {
	case how.rotate && request.Emergency != "":
		return fault.Errorf(fault.Usage, "--rotate changes trust.yaml, --emergency leaves it as it is; want either")
	case none && how.rotate && request.Complete == "":
		return fault.Errorf(fault.Usage, "--rotate needs --stolen or --lost: which keys have to go?")
	case none:
		return nil
	}
	if shown.Theft, err = theft.Assess(ws, request.Repository, request.Stolen, request.Lost, request.Now); err != nil {
		return err
	}
	for _, line := range shown.Theft.Lines() {
		a.say("%s", strings.TrimRight(page.Fill(line.Head, line.Text, columns), "\n"))
	}
	switch {
	case request.Emergency != "" && len(request.Replace) == 0:
		request.Replace = shown.Theft.Replace
		for _, old := range slices.Sorted(maps.Keys(request.Replace)) {
			a.say("trust.yaml stays as it is; the kit has %s in the place of %s", request.Replace[old], old)
		}
	case how.rotate && request.Complete == "":
		if shown.Rotated, err = theft.Rotate(ws, shown.Theft); err != nil {
			return err
		}
		a.sayRotated(shown.Rotated)
	}
	return a.print(shown, nil)
}

// takeKit reads the kit that is to be completed: a name, or a file that is brought into
// the workspace. Where that is asked for, trust.yaml names its keys.
func (a *app) takeKit(ws *workspace.Workspace, request *plan.Request, how planning, shown *shownPlan) error {
	if request.Complete == "" {
		return nil
	}
	k, err := kit.Bring(ws, request.Complete)
	if err != nil {
		return err
	}
	request.Complete = k.Name
	if !how.rotate {
		return nil
	}
	replace, err := kits.Declare(ws, k, request.Now)
	if err != nil {
		return err
	}
	shown.Rotated = &theft.Rotated{Replaced: replace}
	a.sayRotated(shown.Rotated)
	return nil
}

func (a *app) sayRotated(r *theft.Rotated) {
	if len(r.Replaced) == 0 {
		a.say("trust.yaml names other keys already")
	}
	for _, old := range slices.Sorted(maps.Keys(r.Replaced)) {
		a.say("trust.yaml: %s in the place of %s", r.Replaced[old], old)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tokens)) {
		a.say("site.yaml: %s on token %s, as the one before it", key, r.Tokens[key])
	}
}

// rotatable adds to a refusal how the keys that have to go are replaced.
func rotatable(err error, request plan.Request, shown *shownPlan) error {
	refusal := (*fault.Error)(nil)
	if request.Emergency != "" || request.Complete != "" || shown.Theft == nil || shown.Rotated != nil || len(shown.Theft.Replace) == 0 || !errors.As(err, &refusal) || refusal.Code != fault.Refused {
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
