package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/policies"
)

// LoadPolicy returns the policy that trust.yaml names: a preset, or a policy
// file of the workspace.
func (r *Repository) LoadPolicy(ws View) (*policies.Policy, error) {
	if slices.Contains(policies.Presets(), r.Policy) {
		return policies.Preset(r.Policy)
	}
	data, err := ws.Read(r.Policy, strict.MaxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; want a policy file or one of %s", err, words.List(policies.Presets()))
	}
	if err != nil {
		return nil, r.trust.Errorf(fault.Usage, r.Path("policy"), "cannot be used: %w", err).Suggest(r.Policy, policies.Presets())
	}
	return ParsePolicy(r.Policy, data)
}

// PolicyWaivers are the waivers as a policy knows them.
func (r *Repository) PolicyWaivers() (list []policies.Waiver) {
	for _, w := range r.Waivers {
		list = append(list, policies.Waiver(w))
	}
	return list
}

// WantsEvidence reports whether a role that the key signs for takes only keys of which
// the token says that they were made there and never leave. Of a key without a role it
// is true: nobody has said that less will do.
func (r *Repository) WantsEvidence(p *policies.Policy, key string) bool {
	signs := r.RolesOf(key)
	return len(signs) == 0 || slices.ContainsFunc(signs, func(role string) bool {
		if !slices.Contains(TopLevel, role) {
			role = "delegated"
		}
		return p.WantsEvidence(role, r.PolicyWaivers())
	})
}

// Unattended lists every role that some token signs without a person.
func (s *Site) Unattended() []string {
	found := []string{}
	for _, name := range s.TokenNames() {
		for _, role := range s.Tokens[name].Unattended {
			if !slices.Contains(found, role) {
				found = append(found, role)
			}
		}
	}
	return found
}

func ParsePolicy(name string, data []byte) (*policies.Policy, error) {
	var doc policies.Document
	if err := strict.Decode(name, data, &doc); err != nil {
		return nil, err
	}
	p, err := policies.New(doc)
	if err != nil {
		return nil, suggest(fault.Errorf(fault.Usage, "%s: %w", name, err), doc)
	}
	return p, nil
}

// suggest adds what may be meant by names of a policy that nothing has.
func suggest(problem *fault.Error, doc policies.Document) error {
	if !slices.Contains(policies.Presets(), doc.Extends) {
		problem.Suggest(doc.Extends, policies.Presets())
	}
	ids := slices.Sorted(maps.Keys(doc.Severity))
	for _, w := range doc.Loosen {
		ids = append(ids, w.Check)
	}
	for _, id := range ids {
		if !slices.Contains(policies.CheckIDs(), id) {
			problem.Suggest(id, policies.CheckIDs())
		}
	}
	return problem
}
