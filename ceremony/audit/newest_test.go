package audit

import (
	"slices"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/roles"
)

// TestNewest looks at the newest root, and knows of all.
func TestNewest(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.Now = s.Now.Add(time.Hour)
	s.CarryOut(plan.Request{Renew: []string{"root"}})
	p, err := openPublished(s.Path("image/metadata"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	n, err := p.newest()
	if err != nil || roles.HeadOf(n.files["root"].Body).Version != 2 || !slices.Equal(n.roots, []int64{1, 2}) {
		t.Errorf("got %+v, %v", n, err)
	}
}

// TestVerifyPolicy refuses what verifies and the policy does not let pass.
func TestVerifyPolicy(t *testing.T) {
	r := request(released(t, "release 2", imageCustom))
	r.Policy = "uptane-image"
	v, err := Verify(r)
	ceremonytest.WantError(t, err, fault.Refused, "refused by policy uptane-image")
	if len(v.Policy.Findings) == 0 {
		t.Error("it found nothing")
	}
}

// TestDirectorDelegates refuses a Director that hands its word on (Uptane Standard
// 2.1.0 §5.4.4.6).
func TestDirectorDelegates(t *testing.T) {
	image, director := released(t, "release 2", imageCustom), released(t, "release 2", directorCustom)
	director.Edit("trust.yaml", "    roles:\n", "      maps-a: {type: ed25519, custodian: f}\n    roles:\n")
	director.Write("trust.yaml", director.Read("trust.yaml")+"    delegations:\n      - {role: maps, keys: [maps-a], threshold: 1, paths: [\"maps/*\"], expires: 20d, images: maps.yaml}\n")
	director.Write("maps.yaml", ceremonytest.ImagesYAML("maps/1.bin"))
	director.Edit("site.yaml", "keys: {", "keys: {maps-a: all, ")
	director.AddKeys("maps-a")
	director.CarryOut(plan.Request{})
	r := request(image)
	r.Director, r.DirectorRoot = request(director).Path, request(director).TrustedRoot
	_, err := Verify(r)
	ceremonytest.WantError(t, err, fault.Unverified, "a Director must not delegate")
}
