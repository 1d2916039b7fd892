package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// Supplier is what is to be known of a delegated file that others sign: that no
// client can use it, which stops nothing else; that it is new; or that it is
// published in another spelling.
type Supplier struct {
	Role      string   `yaml:"role" json:"role"`
	Version   int64    `yaml:"version,omitempty" json:"version,omitempty"`     // of the file that is new
	Lost      string   `yaml:"lost,omitempty" json:"lost,omitempty"`           // why no client can use what is there
	Passed    string   `yaml:"passed,omitempty" json:"passed,omitempty"`       // why a newer file is passed over
	Paths     []string `yaml:"paths,omitempty,flow" json:"paths,omitempty"`    // that are lost with it
	Rewritten string   `yaml:"rewritten,omitempty" json:"rewritten,omitempty"` // the file, if it is not canonical
}

// String is the supplier in one line.
func (s Supplier) String() string {
	var parts []string
	if s.Lost != "" {
		parts = append(parts, fmt.Sprintf("warning: no client installs what is delegated to %s (%s): %s", s.Role, list(s.Paths), s.Lost))
	}
	if s.Passed != "" {
		parts = append(parts, fmt.Sprintf("warning: a new file of %s is passed over, the one that is published stays: %s", s.Role, s.Passed))
	}
	if s.Version > 0 {
		parts = append(parts, fmt.Sprintf("%s %d is new, signed by others", s.Role, s.Version))
	}
	if s.Rewritten != "" {
		parts = append(parts, s.Rewritten+" is published in its canonical form, which vehicles hash; its signatures stay good")
	}
	return roles.Printable(strings.Join(parts, "; ")) // names and patterns are a supplier's to choose
}

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

func (d *derivation) supplier(role string) Supplier {
	s := Supplier{Role: role}
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
		if delegated(f.Role) && others(f.Role) && s.Signed.Trusted(f.Role) && len(s.SuppliedChanges(f.Role)) > 0 {
			s.PassOver(f.Role, fmt.Errorf("%s: policy %s refuses it: %s", s.Signed.Paths[f.Role], refused.Policy.Policy, f))
			return true
		}
	}
	return false
}

func delegated(role string) bool {
	return role != "" && !slices.Contains(workspace.TopLevel, role)
}

// tolerate makes warnings of what a policy has against files of suppliers that are
// published already: nothing of them is signed here, and one supplier does not stop a
// fleet's timestamp. What it has against a delegation, whoever signed that, stays.
func (s *Subject) tolerate(subject *policies.Subject, result policies.Result) policies.Result {
	others, blamed := s.Others(s.Room), map[string]bool{}
	for _, f := range result.Refusing() {
		if _, planned := s.Plan.File(f.Role); delegated(f.Role) && !planned && others(f.Role) && s.Signed.File(f.Role) != nil {
			blamed[f.Role] = len(s.SuppliedChanges(f.Role)) == 0
		}
	}
	without := *subject.Next
	without.Delegated = maps.Clone(without.Delegated)
	maps.DeleteFunc(without.Delegated, func(role string, _ *roles.Targets) bool { return blamed[role] })
	if len(without.Delegated) == len(subject.Next.Delegated) {
		return result
	}
	bare := *subject
	bare.Next = &without
	stays := s.Policy.Check(&bare).Refusing()
	for i := range result.Findings {
		f := &result.Findings[i]
		same := func(other policies.Finding) bool { return other.ID == f.ID && other.Message == f.Message }
		if f.Severity == policies.Error && blamed[f.Role] && !slices.ContainsFunc(stays, same) {
			f.Severity = policies.Warning
		}
	}
	return result
}
