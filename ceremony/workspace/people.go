package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/policies"
)

// PeopleFile names who takes which part in a ceremony. It is not pinned by a plan:
// people say at the roll-call who they are, and it only saves them typing.
const PeopleFile = "people.yaml"

// Names are the people of a fleet.
type Names struct {
	strict.Source `yaml:"-"`

	Version int     `yaml:"version"` // of the file format: 1
	People  []Named `yaml:"people"`
}

// Named is one person with their part.
type Named struct {
	Part string `yaml:"part"` // administrator, internal witness, external witness, or a custodian of trust.yaml
	Name string `yaml:"name"`
}

// ParseNames reads and checks people.yaml.
func ParseNames(file string, data []byte) (*Names, error) {
	n := new(Names)
	if err := strict.Decode(file, data, n); err != nil {
		return nil, err
	}
	var problems []*fault.Error
	if n.Version != 1 {
		problems = append(problems, n.Errorf(fault.Usage, "version", "is %d, want 1", n.Version))
	}
	for i, p := range n.People {
		for _, f := range [][2]string{{"part", p.Part}, {"name", p.Name}} {
			if field := fmt.Sprintf("people[%d].%s", i, f[0]); !isTitle(f[1]) {
				problems = append(problems, n.Errorf(fault.Usage, field, "is %q, %s", f[1], titlesRule))
			}
		}
	}
	if err := strict.Join(problems); err != nil {
		return nil, err
	}
	return n, nil
}

// Unknown are the parts that nobody in trust.yaml has, each with the one that was meant, if
// there is one: who is misspelt is asked for as if people.yaml did not name them, and who
// has left is of no concern.
func (n *Names) Unknown(t *Trust) (problems []*fault.Error) {
	parts := t.parts()
	for i, p := range n.People {
		if !slices.ContainsFunc(parts, func(part string) bool { return strings.EqualFold(part, p.Part) }) {
			problems = append(problems, n.Errorf(fault.Usage, fmt.Sprintf("people[%d].part", i), "is %q, a part that trust.yaml does not have; it is not used", p.Part).Suggest(p.Part, parts))
		}
	}
	return problems
}

// parts are those that people can have: who watches, and the custodians.
func (t *Trust) parts() []string {
	parts := []string{string(policies.Administrator), string(policies.Witness), string(policies.ExternalWitness)}
	for _, name := range t.RepositoryNames() {
		parts = slices.AppendSeq(parts, maps.Values(t.Repositories[name].Custodians()))
	}
	slices.Sort(parts)
	return slices.Compact(parts)
}

// Names reads people.yaml; there are none without it.
func (w *Workspace) Names() (*Names, error) {
	data, err := w.ReadYAML(PeopleFile, strict.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return &Names{}, nil
	}
	if err != nil {
		return nil, err
	}
	return ParseNames(PeopleFile, data)
}
