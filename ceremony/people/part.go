package people

import (
	"slices"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
)

// Part is what one person does in a ceremony: a post that somebody has to fill.
type Part struct {
	Name string // as people say it: administrator, internal witness, or a custodian of trust.yaml
	Kind policies.Part
}

// Parts are the parts of a ceremony, one for each person that it needs: as
// trust.yaml has it, and whoever holds the token of a key that it uses.
func Parts(declared workspace.People, custodians []string) (list []Part) {
	add := func(count int, kind policies.Part) {
		for range count {
			list = append(list, Part{string(kind), kind})
		}
	}
	add(declared.Administrator, policies.Administrator)
	for _, name := range custodians {
		if part := (Part{name, policies.Officer}); name != "" && !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	add(declared.Witnesses, policies.Witness)
	add(declared.ExternalWitnesses, policies.ExternalWitness)
	return list
}
