package roles

import (
	"fmt"
	"maps"
	"slices"
)

// DelegatedAssignments tells of each image that a Director's targets assign, and that
// targets roles of the Image repository (by name) list in a delegation alone, who
// refuses it; nothing where clients of the format follow delegations. It verifies
// nothing: CompareDirector does.
func DelegatedAssignments(f Format, director *Targets, image map[string]*Targets) (lines []string) {
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
			lines = append(lines, unfollowed(assigned.Path, theirs, role))
		}
	}
	return lines
}

// unfollowed says who refuses an image that a delegated role lists.
func unfollowed(path string, assigned custom, role string) string {
	return fmt.Sprintf("image %s for ECU %s is listed by the delegated role %s: secondaries that verify fully do not follow delegations and refuse it", path, assigned.serials(), role)
}
