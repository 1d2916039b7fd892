package policies

import (
	"fmt"
	"slices"
	"strings"
	"testing"
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
		f.addPath(fmt.Sprintf("acme/%d?", i))
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
