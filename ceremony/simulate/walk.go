package simulate

import (
	"slices"

	"github.com/uptane/keyrite/roles"
)

// Result is what a publication does to a fleet.
type Result struct {
	Repository string `json:"repository"`
	Steps      []Step `json:"steps"`
	Fates      []Fate `json:"vehicles"`
	Nobody     []Loss `json:"lost,omitempty"` // delegated roles whose files no vehicle can use
	// Alone is why no vehicle could hold this repository against the other one.
	Alone *Apart `json:"alone,omitempty"`
}

// Apart is a repository that no vehicle can visit.
type Apart struct {
	Repository string        `json:"repository"`
	Problem    roles.Problem `json:"problem"`
}

// Fate is what becomes of a class of vehicles.
type Fate struct {
	Class
	Along bool  `json:"along"`           // it has everything that was published, whether it was there or away
	Waits []int `json:"waits,omitempty"` // steps after which it refuses, and tries again
	// Problem is what it says in the end, in the words of the client.
	Problem *roles.Problem `json:"problem,omitempty"`
	// Before is what it said before anything was published, where that is the same.
	Before bool `json:"before,omitempty"`
	// Workshop says that nothing which this repository can sign will bring it back: it
	// does not come to the newest root.
	Workshop bool `json:"workshop,omitempty"`
}

// Walk has vehicles walk a publication.
func (p *Publication) Walk(classes []Class) (*Result, error) {
	nobody, err := p.nobody()
	if err != nil {
		return nil, err
	}
	r, everybody := &Result{Repository: p.Repository, Steps: p.inOrder(), Nobody: nobody}, map[string]bool{}
	for _, l := range nobody {
		everybody[l.Role] = true
	}
	if _, err := p.elsewhere(); err != nil {
		r.Alone = &Apart{p.Other.Repository, roles.ProblemOf(err)}
	}
	for _, c := range classes {
		fate, err := p.walk(r.Steps, c, everybody)
		if err != nil {
			return nil, err
		}
		r.Fates = append(r.Fates, fate)
	}
	return r, nil
}

func (p *Publication) walk(steps []Step, c Class, everybody map[string]bool) (Fate, error) {
	there, err := p.visitor(c, everybody)
	if err != nil {
		return Fate{}, err
	}
	f, away := Fate{Class: c}, *there
	away.Vehicle = there.Clone()
	before := there.visit(nil)
	why := before
	for i := range steps {
		if why = there.visit(steps[:i+1]); why != nil && i+1 < len(steps) && before == nil {
			f.Waits = append(f.Waits, i+1)
		}
	}
	last := there
	if why == nil {
		why, last = away.visit(steps), &away
	}
	if why == nil {
		f.Along = true
		return f, nil
	}
	f.Waits = nil // for nothing
	problem := roles.ProblemOf(why)
	f.Problem, f.Before = &problem, before != nil && before.Error() == why.Error()
	f.Workshop = c.Kind == Partial || last.Root() < int64(len(p.roots()))
	return f, nil
}

// Stuck are the fates of those that do not come along.
func (r *Result) Stuck() []Fate {
	return slices.DeleteFunc(slices.Clone(r.Fates), func(f Fate) bool { return f.Along })
}
