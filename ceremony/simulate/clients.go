package simulate

import (
	"fmt"
	"maps"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/roles"
)

// Clients is what people know of their fleet: a YAML file of this shape.
type Clients struct {
	strict.Source `yaml:"-"`

	Version  int        `yaml:"version"` // of the file format: 1
	Vehicles []Vehicles `yaml:"vehicles"`
}

// Vehicles are some of one state.
type Vehicles struct {
	Name      string   `yaml:"name"`
	Count     int64    `yaml:"count"`
	Kind      Kind     `yaml:"kind"`                // full or partial
	Root      int64    `yaml:"root"`                // version of the root that they trust
	Remembers Versions `yaml:"remembers,omitempty"` // of the files that they verified last; without it, those that they can have verified
	Seen      string   `yaml:"seen,omitempty"`      // YYYY-MM-DD, when they were here last
}

// Versions are those of files that a vehicle remembers.
type Versions struct {
	Timestamp int64 `yaml:"timestamp,omitempty"`
	Snapshot  int64 `yaml:"snapshot,omitempty"`
	Targets   int64 `yaml:"targets,omitempty"`

	Delegated map[string]int64 `yaml:"delegated,omitempty"` // by the name of the role
}

// maxVehicles and maxCount bound a clients file.
const (
	maxVehicles = 10_000
	maxCount    = 1 << 40
)

// clientName is 1 to 40 characters of these. The length is not the pattern's: a program
// for each of them would be made at each start of keyrite.
var clientName = regexp.MustCompile(`^[\pL\pN][\pL\pN ._/()+-]*$`)

func isClientName(name string) bool {
	return utf8.RuneCountInString(name) <= 40 && clientName.MatchString(name)
}

// ParseClients reads and checks a clients file.
func ParseClients(file string, data []byte) (*Clients, error) {
	c := new(Clients)
	if err := strict.Decode(file, data, c); err != nil {
		return nil, err
	}
	var problems []*fault.Error
	refuse := func(field, format string, args ...any) {
		problems = append(problems, c.Errorf(fault.Usage, field, format, args...))
	}
	if c.Version != 1 {
		refuse("version", "is %d, want 1", c.Version)
	}
	if n := len(c.Vehicles); n == 0 || n > maxVehicles {
		refuse("vehicles", "are %d, want 1 to %d", n, maxVehicles)
	}
	seen := map[string]bool{}
	for i, v := range c.Vehicles {
		v.check(fmt.Sprintf("vehicles[%d].", i), refuse)
		if seen[v.Name] {
			refuse(fmt.Sprintf("vehicles[%d].name", i), "is %q, as another one's; want a name of its own", v.Name)
		}
		seen[v.Name] = true
	}
	if err := strict.Join(problems); err != nil {
		return nil, err
	}
	return c, nil
}

func (v *Vehicles) check(at string, refuse func(field, format string, args ...any)) {
	if !isClientName(v.Name) {
		refuse(at+"name", "is %q, want 1 to 40 letters, digits, spaces and ._/()+-", v.Name)
	}
	if v.Kind != Full && v.Kind != Partial {
		refuse(at+"kind", "is %q, want full or partial", v.Kind)
	}
	if v.Count < 1 || v.Count > maxCount {
		refuse(at+"count", "is %d, want 1 to %d", v.Count, int64(maxCount))
	}
	if _, err := time.Parse(time.DateOnly, v.Seen); v.Seen != "" && err != nil {
		refuse(at+"seen", "is %q, want a date such as 2026-01-31", v.Seen)
	}
	for _, f := range []struct {
		name    string
		version int64
		least   int64
	}{{"root", v.Root, 1}, {"remembers.timestamp", v.Remembers.Timestamp, 0}, {"remembers.snapshot", v.Remembers.Snapshot, 0}, {"remembers.targets", v.Remembers.Targets, 0}} {
		if f.version < f.least || f.version > roles.MaxVersion {
			refuse(at+f.name, "is %d, want 1 to %d", f.version, int64(roles.MaxVersion))
		}
	}
	for role, version := range v.Remembers.Delegated {
		if err := roles.CheckDelegatedName(role); err != nil || version < 1 || version > roles.MaxVersion {
			refuse(at+"remembers.delegated", "has %q: %d, want names of delegated roles and versions of 1 to %d", role, version, int64(roles.MaxVersion))
		}
	}
	if v.Kind == Partial && (v.Remembers.Timestamp+v.Remembers.Snapshot > 0 || v.Remembers.Delegated != nil) {
		refuse(at+"remembers", "names more than targets, want targets alone: partial verification reads nothing else")
	}
}

// Of are the classes of a clients file.
func (p *Publication) Of(c *Clients) (list []Class, err error) {
	roots := p.roots()
	for i, v := range c.Vehicles {
		at := fmt.Sprintf("vehicles[%d]", i)
		if v.Root > int64(len(roots)) {
			return nil, c.Errorf(fault.Usage, at+".root", "is %d, want 1 to %d: no newer root is signed or planned", v.Root, len(roots))
		}
		if v.Kind == Partial && !p.Director {
			return nil, c.Errorf(fault.Usage, at+".kind", "is partial, want full: %s is no Director, and partial verification does not read it", p.Repository)
		}
		class := Class{Name: v.Name, Count: v.Count, Kind: v.Kind, Root: v.Root, Seen: v.Seen, Remembers: v.Remembers.byRole()}
		if class.Remembers == nil {
			class.Remembers = p.verifiedBy(roots[v.Root-1])
		}
		if v.Kind == Partial {
			maps.DeleteFunc(class.Remembers, func(role string, _ int64) bool { return role != "targets" })
		}
		list = append(list, class)
	}
	return list, nil
}

func (v Versions) byRole() map[string]int64 {
	if v.Timestamp+v.Snapshot+v.Targets == 0 && v.Delegated == nil {
		return nil
	}
	list := map[string]int64{"timestamp": v.Timestamp, "snapshot": v.Snapshot, "targets": v.Targets}
	maps.Copy(list, v.Delegated)
	return list
}
