package derive_test

import (
	"os"
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// again derives a plan once more that lies in its folder as it is in memory.
func again(t *testing.T, s *ceremonytest.Software, p *plan.Plan) error {
	t.Helper()
	data, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	_, err = derive.Again(s.Open(), p, digest.Of(data))
	return err
}

// TestAgain refuses a plan that does not follow from its inputs, and inputs that
// are not those that it pins.
func TestAgain(t *testing.T) {
	unpin := func(path string) func(*ceremonytest.Software, *plan.Plan) {
		return func(_ *ceremonytest.Software, p *plan.Plan) {
			p.Inputs = slices.DeleteFunc(p.Inputs, func(in plan.Input) bool { return in.Path == path })
		}
	}
	change := func(s *ceremonytest.Software) { s.Write("trust.yaml", s.Read("trust.yaml")+"# changed\n") }
	for name, tt := range map[string]struct {
		change func(*ceremonytest.Software, *plan.Plan)
		want   string
	}{
		"as it was made":     {func(*ceremonytest.Software, *plan.Plan) {}, ""},
		"no trust.yaml":      {unpin("trust.yaml"), "it pins no trust.yaml"},
		"nothing to do":      {func(_ *ceremonytest.Software, p *plan.Plan) { p.Renew = nil }, "there is nothing to do"},
		"another expiry":     {func(_ *ceremonytest.Software, p *plan.Plan) { p.Files[0].Expires = p.Files[0].Expires.AddDate(1, 0, 0) }, "files differ"},
		"a step less":        {func(_ *ceremonytest.Software, p *plan.Plan) { p.Steps = p.Steps[:len(p.Steps)-1] }, "steps differ"},
		"an output more":     {func(_ *ceremonytest.Software, p *plan.Plan) { p.Outputs = append(p.Outputs, "trust.yaml") }, "outputs differ"},
		"another fleet":      {func(_ *ceremonytest.Software, p *plan.Plan) { p.Fleet = "other" }, "its head or its spelling differs"},
		"a changed input":    {func(s *ceremonytest.Software, _ *plan.Plan) { change(s) }, "trust.yaml has changed since the plan was made"},
		"an input that went": {func(s *ceremonytest.Software, _ *plan.Plan) { os.Remove(s.Path("trust.yaml")) }, "trust.yaml: the file is gone since the plan was made"},
		"an input that was replaced and kept": {func(s *ceremonytest.Software, p *plan.Plan) {
			s.Write(ceremonies.Kept(p.Ceremony, "main", "trust.yaml"), s.Read("trust.yaml"))
			change(s)
		}, ""},
		"a forged copy of what was replaced": {func(s *ceremonytest.Software, p *plan.Plan) {
			change(s)
			s.Write(ceremonies.Kept(p.Ceremony, "main", "trust.yaml"), s.Read("trust.yaml"))
		}, "trust.yaml has changed since the plan was made"},
		"an input that is not pinned": {unpin("keys/targets-a.yaml"), "targets-a has no record"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			p := s.MustMake(plan.Request{Renew: []string{"timestamp"}})
			tt.change(s, p)
			err := again(t, s, p)
			if tt.want != "" {
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
