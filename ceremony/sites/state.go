package sites

import (
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// State is how far a site came with the steps of a ceremony that are its own, by what
// lies here of it.
type State struct {
	Site    string           `json:"site"`
	State   ceremonies.Stage `json:"state"`
	Problem *fault.Report    `json:"problem,omitempty"` // why its folder is refused
	Done    int              `json:"done"`
	Steps   int              `json:"steps"`
	Open    []string         `json:"open,omitempty"` // the steps that others wait for
}

// States are those of all sites that a plan gives steps to; none where there is one.
func States(ws *workspace.Workspace, ceremony string) ([]State, error) {
	p, sum, err := plan.Read(ws, ceremony)
	if err != nil || len(p.Sites()) == 1 {
		return nil, err
	}
	var list []State
	for _, site := range p.Sites() {
		part, err := ReadPart(ws, p, sum, site)
		s := State{Site: site}
		if err != nil {
			s.State, s.Problem = ceremonies.Refused, fault.ReportOf(err)
		} else {
			s.fill(p, part)
		}
		list = append(list, s)
	}
	return list, nil
}

func (s *State) fill(p *plan.Plan, part *Part) {
	switch {
	case part.Aborted() != nil:
		s.State = ceremonies.Aborted
	case part.Finished():
		s.State = ceremonies.Finished
	case part.Events != nil || len(part.keys)+len(part.signatures) > 0:
		s.State = ceremonies.UnderWay
	default:
		s.State = ceremonies.NotBegun
	}
	for _, step := range p.Steps {
		if step.Site != s.Site || step.Do != plan.Generate && step.Do != plan.Sign {
			continue
		}
		s.Steps++
		if part.Has(step) {
			s.Done++
		} else {
			step.Site = "" // which stands before it
			s.Open = append(s.Open, step.String())
		}
	}
}
