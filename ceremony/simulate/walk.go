package simulate

import (
	"fmt"
	"slices"

	"github.com/uptane/keyrite/roles"
)

// Result is what a publication does to a fleet.
type Result struct {
	Repository string `json:"repository"`
	Steps      []Step `json:"steps"`
	Fates      []Fate `json:"vehicles"`
}

// Fate is what becomes of a class of vehicles.
type Fate struct {
	Class
	Along bool  `json:"along"`           // it has everything that was published, whether it was there or away
	Waits []int `json:"waits,omitempty"` // steps after which it refuses, and tries again
	// Why is what it says in the end, in the words of the client.
	Why string `json:"why,omitempty"`
	// Before is what it said before anything was published, where that is the same.
	Before bool `json:"before,omitempty"`
	// Workshop says that nothing which this repository can sign will bring it back: it
	// does not come to the newest root.
	Workshop bool `json:"workshop,omitempty"`
}

// Walk has vehicles walk a publication.
func (p *Publication) Walk(classes []Class) (*Result, error) {
	r := &Result{Repository: p.Repository, Steps: p.inOrder()}
	for _, c := range classes {
		fate, err := p.walk(r.Steps, c)
		if err != nil {
			return nil, err
		}
		r.Fates = append(r.Fates, fate)
	}
	return r, nil
}

func (p *Publication) walk(steps []Step, c Class) (Fate, error) {
	there, err := p.vehicle(c)
	if err != nil {
		return Fate{}, err
	}
	f, away := Fate{Class: c}, there.Clone()
	before := p.visit(there, nil)
	why := before
	for i := range steps {
		if why = p.visit(there, steps[:i+1]); why != nil && i+1 < len(steps) && before == nil {
			f.Waits = append(f.Waits, i+1)
		}
	}
	last := there
	if why == nil {
		why, last = p.visit(away, steps), away
	}
	if why == nil {
		f.Along = true
		return f, nil
	}
	f.Waits = nil // for nothing
	f.Why, f.Before = why.Error(), before != nil && before.Error() == why.Error()
	f.Workshop = c.Kind == Partial || last.Root() < int64(len(p.roots()))
	return f, nil
}

// visit has a vehicle look at what is served after some steps. When all are taken, it
// must have what was published.
func (p *Publication) visit(v *roles.Vehicle, steps []Step) error {
	if err := v.Visit(p.after(steps), p.Now); err != nil {
		return err
	}
	if len(steps) < len(p.Steps) {
		return nil
	}
	for role, want := range p.newest() {
		got := v.Version(role)
		if role == "root" {
			got = v.Root()
		}
		if read := !v.Partial || role == "targets"; read && got != want {
			return fmt.Errorf("it stays with %s %d, and does not take %s %d", role, got, role, want)
		}
	}
	return nil
}

// Stuck are the fates of those that do not come along.
func (r *Result) Stuck() []Fate {
	return slices.DeleteFunc(slices.Clone(r.Fates), func(f Fate) bool { return f.Along })
}
