package policies

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// TestHostileText shows that metadata of an attacker cannot write to the
// terminal.
func TestHostileText(t *testing.T) {
	f := newFixture(t)
	f.renameBrake("\x1b[2J/\u202eevil" + strings.Repeat("x", 10_000))
	for _, finding := range mustPreset(t, "uptane-image").Check(f.Subject).Findings {
		text := finding.String()
		if strings.ContainsAny(text, "\x1b\u202e") || len(text) > 4*maxText {
			t.Errorf("%d bytes: %q", len(text), text)
		}
	}
}

// TestHostileSize shows that the work has a bound which is reported, and that
// one check cannot bury the others under its findings.
func TestHostileSize(t *testing.T) {
	f := newFixture(t)
	for i := range 100_000 {
		f.addPath(fmt.Sprintf("acme/?%d", i))
	}
	for i := range 3000 {
		f.addImage(image(fmt.Sprintf("acme/lamp-%d.bin", i+2), "lamp", 3))
	}
	acme := f.Next.Delegated["acme"]
	acme.Images, f.Next.Targets.Images = append(acme.Images, f.Next.Targets.Images[1:]...), f.Next.Targets.Images[:1]
	inner := &acme.Delegations.Roles[0]
	for i := range 100 {
		inner.Paths = append(inner.Paths, fmt.Sprintf("acme/brake-%d", i))
	}
	r := mustPreset(t, "uptane-image").Check(f.Subject)
	for _, id := range []string{"PATTERN-CHAIN", "IMAGE-ALLOWED"} {
		if !slices.Contains(r.Unknown, id) {
			t.Errorf("%s judged without a bound", id)
		}
	}
	if n := len(r.Findings); n < maxFindings || n > 3*maxFindings {
		t.Errorf("%d findings", n)
	}
}

// TestLoop shows that roles which delegate to each other are walked once.
func TestLoop(t *testing.T) {
	f := newFixture(t)
	f.Next.Delegated["brake"].Delegations = f.delegate("acme", "acme/brake-*")
	found := map[string]bool{}
	for _, finding := range mustPreset(t, "uptane-image").Check(f.Subject).Findings {
		found[finding.ID] = true
	}
	if !found["DELEGATION-NAMES"] {
		t.Errorf("the loop is not found, only %v", found)
	}
}

// TestDeep shows that a chain of delegations is walked as far as anybody
// verifies it, and that the rest is refused by name.
func TestDeep(t *testing.T) {
	for levels, want := range map[int]bool{roles.MaxLevels: false, roles.MaxLevels + 1: true, 5000: true} {
		f := newFixture(t)
		name := "brake" // on level 2
		for i := 3; i <= levels; i++ {
			next := fmt.Sprintf("brake-%d", i)
			f.Next.Delegated[name].Delegations = f.delegate(next, "acme/brake-*")
			f.Next.Delegated[next] = &roles.Targets{Head: f.Next.Delegated[name].Head}
			name = next
		}
		if got := beyond(t, f); got != want {
			t.Errorf("%d levels: found %t, want %t", levels, got, want)
		}
	}
}

// TestMany shows the same of the number of delegations.
func TestMany(t *testing.T) {
	for n, want := range map[int]bool{5000: false, roles.MaxDelegations: true} {
		f := newFixture(t)
		for i := range n {
			d := f.Next.Targets.Delegations
			d.Roles = append(d.Roles, roles.DelegatedRole{Role: roles.Role{Name: fmt.Sprintf("s%d", i), Threshold: 1, KeyIDs: d.Roles[0].KeyIDs}, Paths: []string{fmt.Sprintf("s%d/*", i)}})
		}
		if got := beyond(t, f); got != want {
			t.Errorf("%d delegations: found %t, want %t", n, got, want)
		}
	}
}

// beyond says whether the policy finds more delegations than anybody looks at.
func beyond(t *testing.T, f *fixture) bool {
	for _, finding := range mustPreset(t, "uptane-image").Check(f.Subject).Findings {
		if finding.ID == "DELEGATION-DEPTH" && finding.Got == "more than anybody looks at" {
			return finding.Severity == Error
		}
	}
	return false
}
