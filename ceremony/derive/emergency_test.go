package derive_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// threeOfFive is a fleet whose root wants three of five keys.
func threeOfFive(t *testing.T) *ceremonytest.Software {
	s := ceremonytest.NewSoftware(t)
	s.Edit("trust.yaml", "keys: [root-a, root-b], threshold: 2", "keys: [root-a, root-b, root-c, root-d, root-e], threshold: 3",
		"      targets-a: {", "      root-c: {type: ed25519, custodian: f}\n      root-d: {type: ed25519, custodian: g}\n      root-e: {type: ed25519, custodian: h}\n      targets-a: {")
	s.Edit("site.yaml", "root-c: all", "root-c: all, root-d: all, root-e: all, root-f: all, root-g: all, root-h: all")
	s.AddKeys("root-c", "root-d", "root-e", "root-f", "root-g", "root-h")
	s.CarryOut(plan.Request{})
	return s
}

// TestPresigners has a kit signed by as many as may, and by none more.
func TestPresigners(t *testing.T) {
	s := threeOfFive(t)
	for _, tt := range []struct {
		replace, signers, stolen string
		want                     string // the keys that sign, or why not
	}{
		{"root-e=root-f", "", "root-e", "root-a root-b"},
		{"root-a=root-f", "", "root-a", "root-b root-c"},
		{"root-e=root-f", "root-d", "", "root-d"},
		{"root-e=root-f", "root-d,root-f", "", "root-d root-f"}, // of the new root alone
		{"root-e=root-f", "root-d,root-c,root-f", "", "--signers root-d, root-c, root-f: a kit stays below every threshold, and with root-f it would reach one"},
		{"root-e=root-f", "root-d,root-c,root-e", "", "with root-e it would reach one"},
		{"root-e=root-f", "root-e", "root-e", "no token here or at another site signs with it"},
		{"root-a=root-f,root-b=root-g,root-c=root-h", "", "root-a,root-b,root-c", "previous root wants 3 signatures, and only root-d, root-e are left without root-a, root-b, root-c"},
	} {
		r := plan.Request{Emergency: "spare", Replace: map[string]string{}, Signers: split(tt.signers), Stolen: split(tt.stolen)}
		for _, pair := range split(tt.replace) {
			old, instead, _ := strings.Cut(pair, "=")
			r.Replace[old] = instead
		}
		p, err := s.Make(r)
		got := fmt.Sprint(err)
		if err == nil {
			var keys []string
			for _, step := range p.Signing("root") {
				keys = append(keys, step.Key)
			}
			if got = strings.Join(keys, " "); len(p.Outputs) != 1 || p.Outputs[0] != "emergency/spare.kit" {
				t.Errorf("%+v makes %v", tt, p.Outputs)
			}
			s.Remove(p.Dir()+"/plan.yaml", p.Dir()+"/changes.jsonl", p.Dir())
		}
		if got != tt.want && (err == nil || !strings.Contains(got, tt.want)) {
			t.Errorf("%+v\ngot  %s\nwant %s", tt, got, tt.want)
		}
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// TestNoKitOfOne seals nothing where one signature is enough.
func TestNoKitOfOne(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Edit("trust.yaml", "keys: [root-a, root-b], threshold: 2", "keys: [root-a, root-b], threshold: 1", "{check: ROOT-CUSTODY, reason: test, person: test}",
		"{check: ROOT-CUSTODY, reason: test, person: test}\n      - {check: ROOT-THRESHOLD, reason: test, person: test}")
	s.AddKeys("root-c")
	s.CarryOut(plan.Request{})
	_, err := s.Make(plan.Request{Emergency: "spare", Replace: map[string]string{"root-b": "root-c"}})
	ceremonytest.WantError(t, err, fault.Refused, "the threshold of previous root is 1"+ceremonytest.Hinted+"raise the threshold first")
}
