package simulate

import (
	"fmt"
	"strings"

	"github.com/uptane/keyrite/roles"
)

// visitor is a vehicle that walks a publication, with what it knows of the other
// repository.
type visitor struct {
	*roles.Vehicle
	publication *Publication
	other       *roles.Vehicle  // has visited the other repository; nil: it compares nothing
	without     map[string]bool // delegated roles that nobody has a file of
}

// Loss is a delegated role that no vehicle has a file of in the end.
type Loss struct {
	Role    string        `json:"role"`
	Problem roles.Problem `json:"problem"`
}

// visit has a vehicle look at what is served after some steps. When all are taken, it
// must have what was published.
func (v *visitor) visit(steps []Step) error {
	p := v.publication
	if err := v.Visit(p.after(steps), p.Now); err != nil {
		return err
	}
	lost, err := v.lost()
	if err != nil {
		return err
	}
	for _, l := range lost {
		if !v.without[l.Role] {
			return fmt.Errorf("delegated role %s: %w", l.Role, l.Problem)
		}
	}
	if err := v.compare(); err != nil {
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
			return roles.Problem{Kind: roles.ProblemNotTaken, Role: role, Version: want,
				Text: fmt.Sprintf("it stays with %s %d, and does not take %s %d", role, got, role, want)}
		}
	}
	return nil
}

// lost are the delegated roles whose files it cannot use.
func (v *visitor) lost() ([]roles.Lost, error) {
	if v.publication.Top {
		return nil, nil
	}
	return v.Delegated()
}

// compare holds what the Director assigns against the Image repository.
func (v *visitor) compare() error {
	if v.other == nil || v.Partial {
		return nil
	}
	director, image := v.Vehicle, v.other
	if !v.Director {
		director, image = v.other, v.Vehicle
	}
	if err := director.Compare(image); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return roles.Problem{Kind: roles.ProblemDisagree, Text: "the Director and the Image repository do not agree: " + first}
	}
	return nil
}

// visitor is a vehicle of a class.
func (p *Publication) visitor(c Class, everybody map[string]bool) (*visitor, error) {
	vehicle, err := p.vehicle(c)
	if err != nil {
		return nil, err
	}
	other, _ := p.elsewhere()
	return &visitor{vehicle, p, other, everybody}, nil
}

// elsewhere is a vehicle that has visited the other repository, or why none can.
func (p *Publication) elsewhere() (*roles.Vehicle, error) {
	if p.Other == nil || len(p.Other.Roots) == 0 {
		return nil, nil
	}
	other := roles.NewVehicle(p.Other.Roots[len(p.Other.Roots)-1])
	other.Director = !p.Director
	if err := other.Visit(p.Other.Served, p.Now); err != nil {
		return nil, err
	}
	return other, nil
}

// nobody are the delegated roles that even a vehicle which just left the factory has no
// file of when all is published: that is no vehicle's fault.
func (p *Publication) nobody() (list []Loss, err error) {
	roots := p.roots()
	if len(roots) == 0 || p.Top {
		return nil, nil
	}
	fresh := roles.NewVehicle(roots[len(roots)-1])
	fresh.Director = p.Director
	if fresh.Visit(p.after(p.Steps), p.Now) != nil {
		return nil, nil
	}
	lost, err := fresh.Delegated()
	for _, l := range lost {
		list = append(list, Loss{Role: l.Role, Problem: l.Problem})
	}
	return list, err
}
