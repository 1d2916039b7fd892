package derive_test

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestWhyAbsent says of each key that is not asked to sign why, as it is.
func TestWhyAbsent(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*ceremonytest.Software)
		ask    plan.Request
		hint   string
		never  string
	}{
		{"left out", func(*ceremonytest.Software) {}, plan.Request{Renew: []string{"root"}, Signers: []string{"root-a"}},
			"held here, but left out by --signers: root-b", "not held here"},
		{"elsewhere", func(s *ceremonytest.Software) { s.Edit("site.yaml", " root-b: all,", "") }, plan.Request{Renew: []string{"root"}},
			"not held here: root-b; where a token here holds one, add below keys in site.yaml: root-b: TOKEN", "--signers"},
		{"dropped in a rotation", func(s *ceremonytest.Software) {
			s.AddKeys("root-c")
			s.Edit("trust.yaml", "root-b: {type: ed25519, custodian: b}", "root-c: {type: ed25519, custodian: b}", "[root-a, root-b]", "[root-a, root-c]")
			s.Edit("site.yaml", " root-b: all,", "")
		}, plan.Request{},
			"wanted by the root that is signed now: root-b; keep below keys in site.yaml until the new root is signed: root-b: TOKEN", "not held here"},
	} {
		s := ceremonytest.SignedSoftware(t)
		tt.change(s)
		_, err := s.Make(tt.ask)
		ceremonytest.WantError(t, err, fault.Refused, "cannot be reached here")
		if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, tt.hint) || strings.Contains(hints, tt.never) {
			t.Errorf("%s: got hints %q, want %q", tt.name, hints, tt.hint)
		}
	}
}
