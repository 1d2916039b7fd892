package review

import (
	"crypto/sha512"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/screen"
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
			show := func(Content) error { t.Error("shown"); return nil }
			r, line, err := s.build(tt.role).Review(s.scene, s.plan, Checks{Result: tt.result}, show, s.plan.Created.Add(tt.after))
			ceremonytest.WantError(t, err, tt.code, tt.want)
			if r != nil {
				t.Errorf("got %v", r)
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
	stage, shown := newStage(t, s), Content{}
	waived := policies.Result{Policy: "tuf", Passed: []string{"EXPIRED"}, Findings: []policies.Finding{
		{ID: "TOKEN-QUORUM", Role: "targets", Waived: &policies.Waiver{Person: "p", Reason: "r"}, Message: "waived here"},
		{ID: "TOKEN-QUORUM", Role: "snapshot", Waived: &policies.Waiver{Person: "p", Reason: "r"}, Message: "waived elsewhere"},
		{ID: "KEY-RESERVE", Role: "targets", Message: "of this role"},
		{ID: "KEY-RESERVE", Role: "root", Message: "of another role"},
		{ID: "CLOCK", Message: "of no role"},
	}}
	c := stage.build("targets")
	show := func(c Content) error { shown = c; return nil }
	_, line, err := c.Review(stage.scene, stage.plan, Checks{waived, map[string]string{"targets-a": "yubikey-7"}}, show, stage.plan.Created)
	if err != nil || len(line.Findings) != 3 || line.SHA256 != c.sum {
		t.Fatalf("got %v, %+v", err, line)
	}
	card, details := shown.Card().Text(80).String(), shown.Details().String()
	for text, wants := range map[string][]string{
		card: {"What targets 1 will say", "2027-02-21 05:00 UTC, in 90 days", "images         +26", "WAIVED TOKEN-QUORUM by p; 2 findings, which v shows",
			"wants 1 of 1 key: targets-a will sign", "32 " + c.sum.Words()[31]},
		details: {"image/metadata/1.targets.json, ", "2027-02-21T05:00:00Z", "a.bin", "z.bin", "targets-a on token yubikey-7, counts for targets",
			"waived here; waived by p: r", "of this role", "of no role", screen.Groups(c.sum.String()), screen.Groups(fmt.Sprintf("%x", sha512.Sum512(c.draft.Signed)))},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s\nhas no %s", text, want)
			}
		}
		for _, not := range []string{"of another role", "waived elsewhere"} {
			if strings.Contains(text, not) {
				t.Errorf("%s\nhas %s", text, not)
			}
		}
	}
}

// TestNotRead has nobody go on: nothing may be signed then.
func TestNotRead(t *testing.T) {
	s, no := first(t), errors.New("no")
	r, _, err := s.build("root").Review(s.scene, s.plan, Checks{}, func(Content) error { return no }, s.plan.Created)
	if r != nil || err != no {
		t.Errorf("got %v, %v", r, err)
	}
}
