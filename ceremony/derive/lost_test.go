package derive_test

import (
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestLostKeysDoNotSign plans with those that are left.
func TestLostKeysDoNotSign(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Edit("trust.yaml", "keys: [root-a, root-b], threshold: 2", "keys: [root-a, root-b, root-c], threshold: 2", "      targets-a: {", "      root-c: {type: ed25519, custodian: f}\n      targets-a: {")
	s.AddKeys("root-c")
	s.CarryOut(plan.Request{})
	p := s.MustMake(plan.Request{Renew: []string{"root"}, Lost: []string{"root-a"}})
	for _, step := range p.Signing("root") {
		if step.Key == "root-a" {
			t.Error("a lost key is to sign")
		}
	}
	_, err := s.Make(plan.Request{Renew: []string{"root"}, Lost: []string{"root-a", "root-b"}})
	ceremonytest.WantError(t, err, fault.Refused, "the threshold of previous root cannot be reached here")
}
