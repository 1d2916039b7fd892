package foresight

import (
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// tolerate makes warnings of what a policy has against files of suppliers that are
// published already: nothing of them is signed here, and one supplier does not stop a
// fleet's timestamp. What it has against a delegation, whoever signed that, stays.
func (s *Subject) tolerate(subject *policies.Subject, result policies.Result) policies.Result {
	others, blamed := s.Others(s.Room), map[string]bool{}
	for _, f := range result.Refusing() {
		if _, planned := s.Plan.File(f.Role); workspace.IsDelegated(f.Role) && !planned && others(f.Role) && s.Signed.File(f.Role) != nil {
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
