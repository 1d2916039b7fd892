package review

import (
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/policies"
)

// TestReviewRefuses lets nothing pass that the policy or the clock refuses, nor a
// signer whose signature would count for nothing.
func TestReviewRefuses(t *testing.T) {
	refused := policies.Result{Findings: []policies.Finding{{ID: "ROOT-CUSTODY", Severity: policies.Error, Role: "root", Message: "no"}}}
	for what, tt := range map[string]struct {
		role   string
		result policies.Result
		after  time.Duration // since the plan was made
		change func(*plan.Plan)
		code   fault.Code
		want   string
	}{
		"policy":             {"root", refused, 0, nil, fault.Refused, "ROOT-CUSTODY"},
		"expiry now":         {"targets", policies.Result{}, 90 * 24 * time.Hour, nil, fault.Refused, "1.targets.json would be expired already"},
		"a clock a day back": {"targets", policies.Result{}, -24 * time.Hour, nil, fault.Refused, "the clock says 2026-11-22"},
		"another role's key": {"root", policies.Result{}, 0, signWith("root-a", "targets-a"), fault.Unverified, "with targets-a, whose signature counts for nothing"},
		"nobody's key":       {"root", policies.Result{}, 0, signWith("root-a", "nobody"), fault.Unverified, "with nobody, whose signature counts for nothing"},
	} {
		t.Run(what, func(t *testing.T) {
			s := first(t)
			if tt.change != nil {
				tt.change(s.plan)
			}
			people := &ceremonytest.Person{}
			r, line, err := s.build(tt.role).Review(s.scene, s.plan, Checks{Result: tt.result}, people, s.plan.Created.Add(tt.after))
			ceremonytest.WantError(t, err, tt.code, tt.want)
			if r != nil || len(people.Said) != 0 {
				t.Errorf("got %v, said %q", r, people.Said)
			}
			if len(line.Findings) != len(tt.result.Findings) {
				t.Errorf("findings for the transcript are %v", line.Findings)
			}
		})
	}
}

func signWith(old, new string) func(*plan.Plan) {
	return func(p *plan.Plan) {
		for i := range p.Steps {
			if p.Steps[i].Do == plan.Sign && p.Steps[i].Key == old {
				p.Steps[i].Key = new
			}
		}
	}
}

// TestReviewShows everything that a signature will state.
func TestReviewShows(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	var paths []string
	for _, letter := range "abcdefghijklmnopqrstuvwxyz" {
		paths = append(paths, string(letter)+".bin")
	}
	s.Write("images.yaml", ceremonytest.ImagesYAML(paths...))
	stage, people := newStage(t, s), &ceremonytest.Person{}
	waived := policies.Result{Policy: "tuf", Passed: []string{"EXPIRED"}, Findings: []policies.Finding{
		{ID: "TOKEN-QUORUM", Role: "snapshot", Waived: &policies.Waiver{Person: "p", Reason: "r"}, Message: "waived here"},
		{ID: "KEY-RESERVE", Role: "targets", Message: "of this role"},
		{ID: "KEY-RESERVE", Role: "root", Message: "of another role"},
		{ID: "CLOCK", Message: "of no role"},
	}}
	c := stage.build("targets")
	_, line, err := c.Review(stage.scene, stage.plan, Checks{waived, map[string]string{"targets-a": "yubikey-7"}}, people, stage.plan.Created)
	if err != nil || len(people.Said) != 1 || len(line.Findings) != 3 || line.SHA256 != c.sum {
		t.Fatalf("got %v, %+v, %q", err, line, people.Said)
	}
	for _, want := range []string{
		"  file     image/metadata/1.targets.json, ", "  expires  2027-02-21T05:00:00Z (in 90 days)", "a.bin", "s.bin",
		"  … and 7 changes more, all of them in changes.jsonl", "  signer   targets-a on token yubikey-7, counts for targets",
		"waived here", "of this role", "of no role", "  sha-256  " + c.sum.String(),
	} {
		if !strings.Contains(people.Said[0], want) {
			t.Errorf("%s\nhas no %s", people.Said[0], want)
		}
	}
	for _, not := range []string{"t.bin", "of another role"} {
		if strings.Contains(people.Said[0], not) {
			t.Errorf("%s\nhas %s", people.Said[0], not)
		}
	}
}
