package derive

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// suppliers notes the delegated files that others sign, and what is new in them.
func (d *derivation) suppliers() {
	others := d.Others(d.plan.Room)
	for _, role := range slices.Sorted(maps.Keys(d.Delegated())) {
		if _, planned := d.plan.File(role); planned || slices.Contains(workspace.TopLevel, role) || !others(role) {
			continue
		}
		if s := d.supplier(role); s.String() != "" {
			d.plan.Suppliers = append(d.plan.Suppliers, s)
		}
		d.all = append(d.all, d.SuppliedChanges(role)...)
	}
}

func (d *derivation) supplier(role string) plan.Supplier {
	s := plan.Supplier{Role: role}
	file := d.Signed.File(role)
	if s.Lost = d.lost(role); s.Lost != "" {
		s.Paths = d.Signed.PathsOf(role)
	}
	if why := d.Signed.Passed[role]; why != nil {
		s.Passed = roles.Printable(why.Error())
	}
	if file == nil {
		return s
	}
	if len(d.SuppliedChanges(role)) > 0 {
		s.Version = roles.HeadOf(file.Body).Version
	}
	if len(file.Raw) != len(file.Published()) || &file.Raw[0] != &file.Published()[0] {
		s.Rewritten = d.Signed.Paths[role]
	}
	return s
}

// lost is why no client can use the file of a delegated role, "" when it can.
func (d *derivation) lost(role string) string {
	if why := d.Signed.Lost[role]; why != nil {
		return roles.Printable(why.Error())
	}
	file := d.Signed.File(role)
	switch {
	case d.Signed.Undelivered(role):
		return "its file is not delivered yet"
	case file == nil || d.plan.Created.Before(roles.HeadOf(file.Body).Expires):
		return ""
	}
	return fmt.Sprintf("%s expired on %s", d.Signed.Paths[role], roles.FormatTime(roles.HeadOf(file.Body).Expires))
}

// ownLost refuses to go on from a broken file whose keys are in this room.
func (d *derivation) ownLost(role string) error {
	why := cmp.Or(d.Signed.Lost[role], d.Signed.Passed[role])
	if why == nil || d.Others(d.plan.Room)(role) {
		return nil
	}
	return why
}

// passOver goes on without a supplier's new file that the policy refuses, if there is
// such a file: what is published of that supplier stays, and nobody else is kept
// waiting. A delegation that is yet to be signed waits for its file.
func passOver(s *scene.Scene, room scene.Room, refused *Derived) bool {
	if refused == nil {
		return false
	}
	others := s.Others(room)
	for _, f := range refused.Policy.Refusing() {
		if workspace.IsDelegated(f.Role) && others(f.Role) && s.Signed.Trusted(f.Role) && len(s.SuppliedChanges(f.Role)) > 0 {
			s.PassOver(f.Role, fmt.Errorf("%s: policy %s refuses it: %s", s.Signed.Paths[f.Role], refused.Policy.Policy, f))
			return true
		}
	}
	return false
}
