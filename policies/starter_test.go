package policies

import (
	"slices"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// first makes the fixture the first ceremony of a small fleet: nothing is
// signed, every key is still to be generated, and nobody has arrived.
func (f *fixture) first(signed ...string) {
	f.Previous, f.Roots, f.NotBefore = nil, []int64{1}, f.Now
	f.People.Present = nil
	f.People.Officers = map[string]int{"root": 2, "targets": 2}
	for _, role := range []string{"root", "targets", "snapshot", "timestamp"} {
		roles.HeadOf(f.Next.body(role)).Version = 1
	}
	for print, k := range f.Keys {
		k.Planned, k.Possession, k.Evidence = true, false, nil
		f.Keys[print] = k
	}
	for role := range f.Signing {
		if !slices.Contains(signed, role) {
			delete(f.Signing, role)
		}
	}
}

// starterImage is the Image repository as `keyrite init` writes it.
func starterImage(t *testing.T) *fixture {
	f := newFixture(t)
	f.setRole("root", 2, "root-1", "root-2", "root-3")
	f.setRole("targets", 2, "targets-1", "targets-2", "targets-3")
	f.setRole("snapshot", 1, "snapshot-1", "snapshot-2")
	f.setRole("timestamp", 1, "timestamp-1", "timestamp-2")
	f.Next.Targets.Delegations, f.Next.Delegated = nil, nil
	f.Next.Timestamp.Expires = now.Add(14 * day)
	for _, name := range []string{"snapshot-1", "snapshot-2", "timestamp-1", "timestamp-2"} {
		f.facts(name, func(k *KeyFacts) { k.Custodian = "release team" })
	}
	f.first("root", "targets", "snapshot", "timestamp")
	return f
}

// starterDirector is the Director as `keyrite init` writes it: only root is
// signed here, the other keys are imported.
func starterDirector(t *testing.T) *fixture {
	f := newFixture(t)
	f.Repository = "director"
	f.setRole("root", 2, "root-1", "root-2", "root-3")
	for _, role := range []string{"targets", "snapshot", "timestamp"} {
		f.setRole(role, 1, role+"-1")
	}
	f.director()
	f.Waivers = nil
	f.first("root")
	f.Next.Targets, f.Next.Snapshot, f.Next.Timestamp = nil, nil, nil
	for _, role := range []string{"targets", "snapshot", "timestamp"} {
		f.facts(role+"-1", func(k *KeyFacts) { k.Planned, k.Custodian = false, "" })
	}
	return f
}

// TestStarter shows that the workspace of `keyrite init` is refused by neither
// policy, and that a small Image repository has nothing to be nagged about.
func TestStarter(t *testing.T) {
	r := mustPreset(t, "uptane-small").Check(starterImage(t).Subject)
	if len(r.Findings) > 0 {
		t.Errorf("image: %v", r.Findings)
	}
	director := mustPreset(t, "uptane-director").Check(starterDirector(t).Subject)
	if err := director.Refused(); err != nil {
		t.Errorf("director: %v", err)
	}
}

// TestDemo shows that a repository on software tokens which all sign without a
// person passes with one waiver, for the root.
func TestDemo(t *testing.T) {
	for name, f := range map[string]*fixture{"uptane-small": starterImage(t), "uptane-director": starterDirector(t)} {
		f.Unattended = []string{"root", "targets", "snapshot", "timestamp"}
		for print, k := range f.Keys {
			k.Planned, k.Possession = false, true
			k.Evidence = &Evidence{Local: true, Sensitive: true, AlwaysSensitive: true, NeverExtractable: true}
			f.Keys[print] = k
		}
		if err := mustPreset(t, name).Check(f.Subject).Refused(); err == nil {
			t.Errorf("%s: root may be signed without a person and a waiver", name)
		}
		f.Waivers = []Waiver{{Check: "ROOT-UNATTENDED", Reason: "throwaway tokens", Person: "make demo"}}
		if err := mustPreset(t, name).Check(f.Subject).Refused(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
