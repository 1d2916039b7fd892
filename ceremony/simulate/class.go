package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// Kind is how a vehicle verifies.
type Kind string

const (
	Full    Kind = "full"    // both repositories, and all roles (Uptane Standard 2.1.0 §5.4.4.2)
	Partial Kind = "partial" // the Director's targets alone (Uptane Standard 2.1.0 §5.4.4.1)
)

// Class is vehicles of one state.
type Class struct {
	Name      string           `json:"name,omitempty"` // of the clients file
	Count     int64            `json:"count,omitempty"`
	Kind      Kind             `json:"kind"`
	Root      int64            `json:"root"`                // that it trusts
	Remembers map[string]int64 `json:"remembers,omitempty"` // versions by role, delegated ones too
	Seen      string           `json:"seen,omitempty"`      // DATE, of the clients file
}

// String names the state.
func (c Class) String() string {
	text := fmt.Sprintf("%s, root %d", c.Kind, c.Root)
	for _, role := range remembered {
		if version := c.Remembers[role]; version > 0 {
			text += fmt.Sprintf(", %s %d", role, version)
		}
	}
	delegated := c.delegated()
	if len(delegated) > maxNamed {
		return text + fmt.Sprintf(", %d delegated roles", len(delegated))
	}
	for _, role := range delegated {
		text += fmt.Sprintf(", %s %d", role, c.Remembers[role])
	}
	return text
}

// maxNamed is of how many delegated roles a class names the versions.
const maxNamed = 2

// delegated are the delegated roles of which vehicles remember a file.
func (c Class) delegated() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.Remembers)), func(role string) bool { return slices.Contains(remembered, role) })
}

// remembered are the roles whose files vehicles keep beside root.
var remembered = []string{"timestamp", "snapshot", "targets"}

// Classes are the states of vehicles that follow from what was published: at every
// root, with nothing but it, and with the newest that they can have verified then; a
// Director's also for partial verification.
func (p *Publication) Classes() (list []Class) {
	for _, root := range p.roots() {
		version := root.Head().Version
		list = append(list, Class{Kind: Full, Root: version})
		if seen := p.verifiedBy(root); seen != nil {
			list = append(list, Class{Kind: Full, Root: version, Remembers: seen})
		}
		if !p.Director {
			continue
		}
		partial := Class{Kind: Partial, Root: version}
		if targets := p.newestBy(root, "targets"); targets != nil {
			partial.Remembers = map[string]int64{"targets": targets.Head().Version}
		}
		list = append(list, partial)
	}
	return list
}

// Ages are the states of Classes and those with each older timestamp that is known, and
// what that names.
func (p *Publication) Ages() []Class {
	list := p.Classes()
	for _, root := range p.roots() {
		for _, e := range p.Known {
			if e.Role != "timestamp" || !root.Signs(e.File) {
				continue
			}
			c := Class{Kind: Full, Root: root.Head().Version, Remembers: p.namedBy(root, e.File)}
			if !slices.ContainsFunc(list, func(o Class) bool { return o.String() == c.String() }) {
				list = append(list, c)
			}
		}
	}
	return list
}

// verifiedBy are the newest versions whose signatures a root's keys made; nil for none.
func (p *Publication) verifiedBy(root *roles.Foreseen) map[string]int64 {
	seen := map[string]int64{}
	for _, role := range remembered {
		if f := p.newestBy(root, role); f != nil {
			seen[role] = f.Head().Version
		}
	}
	if len(seen) == 0 {
		return nil
	}
	for _, e := range p.Known {
		if !slices.Contains(remembered, e.Role) && seen["targets"] > 0 {
			seen[e.Role] = max(seen[e.Role], e.File.Head().Version)
		}
	}
	return seen
}

func (p *Publication) newestBy(root *roles.Foreseen, role string) (newest *roles.Foreseen) {
	for _, e := range p.Known {
		if e.Role == role && root.Signs(e.File) && (newest == nil || e.File.Head().Version > newest.Head().Version) {
			newest = e.File
		}
	}
	return newest
}

// namedBy are the versions that a vehicle has with a timestamp.
func (p *Publication) namedBy(root, timestamp *roles.Foreseen) map[string]int64 {
	seen := map[string]int64{"timestamp": timestamp.Head().Version}
	snapshot := p.known("snapshot", timestamp.Names("snapshot"), root)
	if snapshot == nil {
		return seen
	}
	seen["snapshot"] = snapshot.Head().Version
	if version := snapshot.Names("targets"); version > 0 {
		seen["targets"] = version
	}
	return seen
}

// known is a file of a role and version; nil for none. Of several it is the one that a
// root's keys signed: but a vehicle may have come to that root, and remember what the
// keys of an older one signed.
func (p *Publication) known(role string, version int64, root *roles.Foreseen) (found *roles.Foreseen) {
	for _, e := range p.Known {
		if e.Role == role && e.File.Head().Version == version && (found == nil || root.Signs(e.File)) {
			found = e.File
		}
	}
	return found
}

// vehicle is one of a class.
func (p *Publication) vehicle(c Class) (*roles.Vehicle, error) {
	roots := p.roots()
	i := slices.IndexFunc(roots, func(r *roles.Foreseen) bool { return r.Head().Version == c.Root })
	if i < 0 {
		return nil, fmt.Errorf("there is no root %d; want 1 to %d", c.Root, len(roots))
	}
	v := roles.NewVehicle(roots[i])
	v.Director, v.Partial = p.Director, c.Kind == Partial
	for _, role := range remembered {
		version := c.Remembers[role]
		if version == 0 {
			continue
		}
		file := p.known(role, version, roots[i])
		if file == nil {
			var err error
			if file, err = roles.Remembered(p.Format, roots[i], roles.Type(role), version, c.states(role)); err != nil {
				return nil, err
			}
		}
		v.Remember(role, file)
	}
	for _, role := range c.delegated() {
		file, err := p.delegated(role, c.Remembers[role])
		if err != nil {
			return nil, err
		}
		v.Remember(role, file)
	}
	return v, nil
}

// delegated is the file of a delegated role that a vehicle remembers: the one that is
// known, or one by the keys of whoever delegates it.
func (p *Publication) delegated(role string, version int64) (*roles.Foreseen, error) {
	for _, e := range p.Known {
		if e.Role == role && e.File.Head().Version == version {
			return e.File, nil
		}
	}
	for _, e := range p.Known {
		if file, err := roles.RememberedDelegate(p.Format, e.File, role, version); file != nil || err != nil {
			return file, err
		}
	}
	return nil, fault.Errorf(fault.Usage, "no file that is published delegates anything to a role %s", role).Suggest(role, p.rolesKnown())
}

// rolesKnown are those whose files vehicles may remember.
func (p *Publication) rolesKnown() (names []string) {
	for _, e := range p.Known {
		names = append(names, e.Role)
	}
	return names
}

// states are the versions that a remembered file of a role states.
func (c Class) states(role string) (list []roles.Meta) {
	state := func(of string) {
		if version := c.Remembers[of]; version > 0 {
			list = append(list, roles.Meta{Name: of + ".json", Version: version, Length: -1})
		}
	}
	switch role {
	case "timestamp":
		state("snapshot")
	case "snapshot":
		state("targets")
		for _, of := range c.delegated() {
			state(of)
		}
	}
	slices.SortFunc(list, func(a, b roles.Meta) int { return strings.Compare(a.Name, b.Name) })
	return list
}
