package derive_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestMayDestroy plans to destroy a key that nothing trusts after the ceremony, and
// no other.
func TestMayDestroy(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ceremonytest.Software)
		key    string
		code   fault.Code
		want   string // empty: it may
	}{
		"that goes":                   {func(*ceremonytest.Software) {}, "root-a", 0, ""},
		"that trust.yaml names":       {func(*ceremonytest.Software) {}, "root-b", fault.Refused, "--destroy root-b: repositories.image.keys.root-b trusts it"},
		"that there is not":           {func(*ceremonytest.Software) {}, "root-z", fault.Usage, "--destroy root-z: there is no such key"},
		"that no token here holds":    {func(s *ceremonytest.Software) { s.AddKeys("stray") }, "stray", fault.Usage, "--destroy stray: site.yaml: keys.stray is missing"},
		"that the other one lists":    {otherLists, "root-a", fault.Refused, "--destroy root-a: the signed root of repository director lists it\nhint: sign what no longer lists it first: keyrite plan director"},
		"whose record cannot be read": {func(s *ceremonytest.Software) { s.Write("keys/root-a.yaml", "x") }, "root-a", fault.Usage, "keys/root-a.yaml"},
		"that the other one trusts":   {func(s *ceremonytest.Software) { addDirector(s, "root-a") }, "root-a", fault.Refused, "repositories.director.keys.root-a trusts it"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			s.AddKeys("root-c")
			s.Edit("trust.yaml", "root-a: {type", "root-c: {type", "[root-a, root-b]", "[root-c, root-b]")
			s.Now = s.Now.Add(time.Hour)
			tt.change(s)
			p, err := s.Make(plan.Request{Destroy: []string{tt.key}})
			if tt.want != "" {
				ceremonytest.WantError(t, err, tt.code, tt.want)
				return
			}
			if err != nil || p.Steps[len(p.Steps)-1].Do != plan.Destroy {
				t.Errorf("got %v, %v", p, err)
			}
		})
	}
}

// addDirector declares a second repository, with this key for all its roles.
func addDirector(s *ceremonytest.Software, key string) {
	repo := strings.NewReplacer("KEY", key).Replace(`  director:
    format: tuf
    policy: tuf
    keys:
      KEY: {type: ed25519, custodian: f}
    roles:
      root: {keys: [KEY], threshold: 1, expires: 365d}
      targets: {keys: [KEY], threshold: 1, expires: 90d}
      snapshot: {keys: [KEY], threshold: 1, expires: 30d}
      timestamp: {keys: [KEY], threshold: 1, expires: 14d}
`)
	s.Write("trust.yaml", s.Read("trust.yaml")+repo)
}

// otherLists has a second repository whose signed root lists the same keys.
func otherLists(s *ceremonytest.Software) {
	addDirector(s, "director-a")
	if err := os.CopyFS(s.Path("director/metadata"), os.DirFS(s.Path("image/metadata"))); err != nil {
		s.T.Fatal(err)
	}
}
