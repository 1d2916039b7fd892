package roles

import (
	"fmt"
	"maps"
	"slices"
)

// Unfollowed is an image that a Director assigns and that a delegated role lists.
type Unfollowed struct {
	Path string `json:"path"`
	ECUs string `json:"ecus"` // serials of those that it is for
	Role string `json:"role"`
}

// String says who refuses it.
func (u Unfollowed) String() string {
	return fmt.Sprintf("image %s for ECU %s is listed by the delegated role %s: secondaries that verify fully do not follow delegations and refuse it", u.Path, u.ECUs, u.Role)
}

// DelegatedAssignments tells of each image that a Director's targets assign, and that
// targets roles of the Image repository (by name) list in a delegation alone, who
// refuses it; nothing where clients of the format follow delegations. It verifies
// nothing: CompareDirector does.
func DelegatedAssignments(f Format, director *Targets, image map[string]*Targets) (list []Unfollowed) {
	if !f.director().atTop {
		return nil
	}
	listedBy := map[string]string{}
	for _, role := range slices.Backward(slices.Sorted(maps.Keys(image))) {
		for i := range image[role].Images {
			if path := image[role].Images[i].Path; listedBy[path] != string(TypeTargets) {
				listedBy[path] = role
			}
		}
	}
	for i := range director.Images {
		assigned := &director.Images[i]
		role := listedBy[assigned.Path]
		if theirs, err := readCustom(assigned.Custom); err == nil && len(theirs.ecus) > 0 && role != "" && role != string(TypeTargets) {
			list = append(list, Unfollowed{assigned.Path, theirs.serials(), role})
		}
	}
	return list
}
