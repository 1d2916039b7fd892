package policies

import (
	"fmt"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// TestWithoutRoot judges targets whose root is not there: what they state is
// still theirs.
func TestWithoutRoot(t *testing.T) {
	f := newFixture(t)
	f.Next.Root = nil
	f.addPath("acme/lam?-1.bin")
	d := f.Next.Targets.Delegations
	for i := range roles.MaxDelegations {
		d.Roles = append(d.Roles, roles.DelegatedRole{Role: roles.Role{Name: fmt.Sprintf("s%d", i), Threshold: 1}, Paths: []string{fmt.Sprintf("s%d/?", i)}})
	}
	if got := findingOf(t, f, "DELEGATION-DEPTH"); got.Role != "targets" || got.Field != "repositories.image.delegations" {
		t.Errorf("too many delegations: %+v", got)
	}
	d.Roles = d.Roles[:1]
	if got := findingOf(t, f, "PATTERN-FORM"); got.Severity != Error {
		t.Errorf("a pattern in targets that are being signed: %+v", got)
	}
}

// findingOf is the first finding of a check.
func findingOf(t *testing.T, f *fixture, id string) Finding {
	for _, finding := range mustPreset(t, "uptane-image").Check(f.Subject).Findings {
		if finding.ID == id {
			return finding
		}
	}
	t.Errorf("%s finds nothing", id)
	return Finding{}
}

// TestLimitsFields names the field of a file that vehicles refuse, as the file
// has it.
func TestLimitsFields(t *testing.T) {
	f := newFixture(t)
	f.otaCE(t)
	f.addPath("acme/..")
	want := `repositories.image.roles.targets.delegations.roles[0].paths[1] is not what vehicles and servers take (it contains "..", want none anywhere in a path), want what format ota-ce has there`
	if got := findingOf(t, f, "CLIENT-LIMITS"); got.Message != want || got.Role != "targets" {
		t.Errorf("got %s of %s, want %s", got.Message, got.Role, want)
	}
}
