package derive

import (
	"bytes"
	"slices"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Again derives a plan once more, from the inputs that it pins and the request
// that it repeats, and refuses it unless every byte is the same: what is run is
// what follows from people's files, whoever wrote plan.yaml. The scene is as it
// was when the plan was made; what this ceremony has done since, the caller puts
// into it.
func Again(ws *workspace.Workspace, p *plan.Plan, sum digest.SHA256) (*Derived, error) {
	past, err := ceremonies.ReadPast(ws, p.Repository, p.Ceremony)
	if err != nil {
		return nil, err
	}
	if len(past.Open) > 0 {
		return nil, underWay(past.Open[0])
	}
	if !slices.ContainsFunc(p.Inputs, func(in plan.Input) bool { return in.Path == workspace.TrustFile }) {
		return nil, differs(p, "it pins no "+workspace.TrustFile)
	}
	theScene, err := scene.Read(declare.Replacing(plan.Pinned(ws.Folder, p).Files, p.Repository, p.Replace), p.Repository, p.Created)
	if err != nil {
		return nil, err
	}
	if err := ws.NotFake(theScene.Ring.Prints()); err != nil {
		return nil, err
	}
	blank := p.Request().Blank()
	blank.Ceremony, blank.Created, blank.Room, blank.Inputs = p.Ceremony, p.Created, p.Room, p.Inputs
	derived, err := derive(theScene, past, blank)
	if err != nil {
		return nil, err
	}
	if derived.Plan == nil {
		return nil, differs(p, "there is nothing to do")
	}
	data, err := derived.Plan.Encode()
	if err != nil {
		return nil, err
	}
	if got := digest.Of(data); got != sum {
		return nil, differs(p, difference(p, derived.Plan))
	}
	return derived, nil
}

func differs(p *plan.Plan, what string) error {
	return fault.Errorf(fault.Unverified, "%s: plan.yaml is not what follows from its inputs: %s", p.Ceremony, what).
		Hint("it was edited, or another version of keyrite made it; %s", p.Anew())
}

// difference names the first part in which two plans differ.
func difference(got, want *plan.Plan) string {
	for _, part := range []struct {
		name string
		of   func(*plan.Plan) *plan.Plan
	}{
		{"inputs", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Inputs: p.Inputs} }},
		{"custodians", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Custodians: p.Custodians} }},
		{"witnesses", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Witnesses: p.Witnesses} }},
		{"files", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Files: p.Files} }},
		{"steps", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Steps: p.Steps} }},
		{"outputs", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Outputs: p.Outputs} }},
		{"changes", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Changes: p.Changes} }},
		{"elsewhere", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Elsewhere: p.Elsewhere} }},
		{"suppliers", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Suppliers: p.Suppliers} }},
		{"server", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Server: p.Server} }},
		{"void", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Void: p.Void} }},
		{"then", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Then: p.Then} }},
		{"notices", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Notices: p.Notices} }},
		{"findings", func(p *plan.Plan) *plan.Plan { return &plan.Plan{Findings: p.Findings} }},
	} {
		a, errA := part.of(got).Encode()
		b, errB := part.of(want).Encode()
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			return part.name + " differ"
		}
	}
	return "its head or its spelling differs"
}
