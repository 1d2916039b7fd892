package plan_test

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestReadRefuses finds a plan in another's folder, of another repository, or with
// steps that are not numbered as people call them.
func TestReadRefuses(t *testing.T) {
	const other = "2026-11-23-image-7"
	for want, tt := range map[string]struct {
		name   string
		change func(string) string
		code   fault.Code
	}{
		"ceremony is 2026-11-23-image-1, but its folder is called " + other:   {other, func(text string) string { return text }, fault.Unverified},
		`repository is "director", but the ceremony is 2026-11-23-image-1`:    {"2026-11-23-image-1", strings.NewReplacer("repository: image", "repository: director").Replace, fault.Unverified},
		"steps[1].step is 3, want 2":                                          {"2026-11-23-image-1", strings.NewReplacer("step: 2\n", "step: 3\n").Replace, fault.Usage},
		`plan.yaml: ceremony is "2026-11-23=image-1", want DATE-REPOSITORY-N`: {"2026-11-23-image-1", strings.NewReplacer("ceremony: 2026-11-23-image", "ceremony: 2026-11-23=image").Replace, fault.Usage},
		"version is 2, want 1":                                                {"2026-11-23-image-1", strings.NewReplacer("version: 1\nceremony", "version: 2\nceremony").Replace, fault.Usage},
	} {
		s := ceremonytest.NewSoftware(t)
		p := s.MustMake(plan.Request{})
		s.Write("ceremonies/"+tt.name+"/plan.yaml", tt.change(s.Read(p.Dir()+"/plan.yaml")))
		_, _, err := plan.Read(s.Open(), tt.name)
		ceremonytest.WantError(t, err, tt.code, want)
	}
}
