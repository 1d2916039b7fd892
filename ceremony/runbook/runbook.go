package runbook

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// script is what a runbook is made of.
type script struct {
	*derive.Derived
	sum   digest.SHA256 // of plan.yaml
	site  *workspace.Site
	tool  string // the build that made the paper
	id    string // of the runbook; blank while it is made
	parts *parts
	names *workspace.Names
	state *state // of bags, tokens and logins, step by step
}

// Make makes the runbook of a plan, which is derived again first: what is printed
// is what follows from people's files. tool is the build of keyrite.
//
// The runbook-id is the SHA-256 of the pages with that id blank, so that two
// people who printed it on two machines can tell that they hold the same paper.
func Make(ws *workspace.Workspace, ceremony, tool string) (*page.Document, error) {
	p, sum, err := plan.Read(ws, ceremony)
	if err != nil {
		return nil, err
	}
	site, err := ws.Site()
	if err != nil {
		return nil, err
	}
	derived, err := derive.Again(ws, p, sum)
	if err != nil {
		return nil, err
	}
	names, err := ws.Names()
	if err != nil {
		return nil, err
	}
	s := &script{Derived: derived, sum: sum, site: site, names: names, tool: tool, id: strings.Repeat("_", 64)}
	blank, err := s.document()
	if err != nil {
		return nil, err
	}
	html, err := blank.HTML()
	if err != nil {
		return nil, err
	}
	s.id = digest.Of(html).String()
	return s.document()
}

// document sets the sections. It fails when a token would be used before it is
// unpacked, or anything would be left open at the end.
func (s *script) document() (*page.Document, error) {
	s.parts, s.state = s.cast(), newState()
	d := &page.Document{
		Title: "Runbook of " + s.Plan.Ceremony,
		Band:  band(s.Scene.Signed.Rehearsal),
		Foot:  fmt.Sprintf("%s · %s · runbook %s", s.Plan.Fleet, s.Plan.Ceremony, s.id[:8]),
		Size:  11,
	}
	d.Sections = []page.Section{s.cover(), rules(), spelling(), s.printCheck(), s.people(), s.roomSection(), s.inventory(), s.changes(), s.readiness()}
	steps, err := s.steps()
	if err != nil {
		return nil, err
	}
	d.Sections = append(d.Sections, steps, breakSection())
	closing, err := s.closing()
	if err != nil {
		return nil, err
	}
	d.Sections = append(d.Sections, closing, s.declaration())
	d.Sections = append(d.Sections, exceptions()...)
	return d, nil
}

// band stands across every page of a rehearsal's runbook.
func band(r *workspace.Rehearsal) string {
	if r == nil {
		return ""
	}
	return "FAKE: rehearsal of " + r.Of
}
