package audit

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/policies"
)

func TestCheckPolicy(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	strict := filepath.Join(t.TempDir(), "strict.yaml")
	if err := os.WriteFile(strict, []byte("version: 1\nextends: tuf\nroles:\n  root: {threshold: {min: 3}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	metadata := s.Path("image/metadata")
	for _, tt := range []struct {
		name, path, policy string
		repository         string
		refused            string // "" when it passes
	}{
		{"workspace, own policy", s.Dir, "", "image", ""},
		{"workspace, preset", s.Dir, "uptane-image", "image", "refused by policy uptane-image"},
		{"workspace, file from elsewhere", s.Dir, strict, "image", "ROOT-THRESHOLD error"},
		{"folder", metadata, "", "repository", ""},
		{"folder, file", metadata, strict, "repository", "ROOT-THRESHOLD error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results, skipped, err := CheckPolicy(PolicyRequest{Path: tt.path, Policy: tt.policy, Now: s.Now})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := results[tt.repository]; !ok || len(results) != 1 || skipped != nil {
				t.Errorf("results are of %v, %v skipped, want %s", results, skipped, tt.repository)
			}
			err = RefusedByPolicy(results)
			if tt.refused == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			ceremonytest.WantError(t, err, fault.Refused, tt.refused)
		})
	}

	_, _, err := CheckPolicy(PolicyRequest{Path: metadata, Policy: "none", Now: s.Now})
	ceremonytest.WantError(t, err, fault.Usage, "none")
	_, _, err = CheckPolicy(PolicyRequest{Path: t.TempDir(), Now: s.Now})
	ceremonytest.WantError(t, err, fault.Unverified, "there is no root metadata")
}

// TestCheckNothing has no result for a repository in which nothing is signed, and
// skips it though its images are not there yet.
func TestCheckNothing(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	if err := os.Remove(s.Path("images.yaml")); err != nil {
		t.Fatal(err)
	}
	results, skipped, err := CheckPolicy(PolicyRequest{Path: s.Dir, Now: s.Now})
	if err != nil || len(results) != 0 || len(skipped) != 1 || skipped[0] != "image" {
		t.Errorf("got %v, %v skipped, %v", results, skipped, err)
	}
}

// TestFirstRefusal is the same each time.
func TestFirstRefusal(t *testing.T) {
	refuses := func(policy string) policies.Result {
		return policies.Result{Policy: policy, Findings: []policies.Finding{{ID: "X", Severity: policies.Error}}}
	}
	results := map[string]policies.Result{"c": refuses("3"), "b": refuses("2"), "a": refuses("1"), "d": refuses("4")}
	for range 20 {
		ceremonytest.WantError(t, RefusedByPolicy(results), fault.Refused, "refused by policy 1")
	}
}
