package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
)

// supplied is a signed repository with an image of its own and one that a
// supplier lists, in a file that expires sooner than the others.
func supplied(t *testing.T) *ceremonytest.Software {
	s := ceremonytest.NewSoftware(t)
	s.Edit("trust.yaml", "    roles:\n", "      maps-a: {type: ed25519, custodian: f}\n    roles:\n")
	s.Write("trust.yaml", s.Read("trust.yaml")+"    delegations:\n      - {role: maps, keys: [maps-a], threshold: 1, paths: [\"maps/*\"], expires: 5d, images: maps.yaml}\n")
	s.Write("maps.yaml", ceremonytest.ImagesYAML("maps/1.bin"))
	s.Edit("site.yaml", "keys: {", "keys: {maps-a: all, ")
	s.AddKeys("maps-a")
	s.CarryOut(plan.Request{})
	return s
}

// TestVerifyLosesSupplier goes on without one supplier, says what that costs, and
// refuses with Strict.
func TestVerifyLosesSupplier(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, r *VerifyRequest)
		want   string
		images int // of which it knows that they are lost
	}{
		{"expired", func(_ *testing.T, r *VerifyRequest) { r.Now = r.Now.Add(6 * words.Day) }, "1.maps.json: signed.expires: it expired at ", 1},
		{"missing", func(t *testing.T, r *VerifyRequest) { fatal(t, os.Remove(filepath.Join(r.Path, "1.maps.json"))) }, "1.maps.json: ", 0},
		{"cut off", func(t *testing.T, r *VerifyRequest) { put(t, r.Path, "1.maps.json", "{") }, "1.maps.json: ", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := supplied(t)
			r := request(s)
			r.Path = copyOf(s)
			tt.change(t, &r)
			found, err := Verify(r)
			if err != nil || len(found.Repository.Lost) != 1 {
				t.Fatalf("got %v, %v", found, err)
			}
			lost := found.Repository.Lost[0]
			if lost.Role != "maps" || !strings.HasPrefix(lost.Problem.Text, tt.want) || lost.Count != tt.images || found.Repository.Images != 1 {
				t.Errorf("got %+v and %d images, want %s", lost, found.Repository.Images, tt.want)
			}
			r.Strict = true
			_, err = Verify(r)
			ceremonytest.WantError(t, err, fault.Unverified, tt.want)
		})
	}
}

// TestVerifyWithoutPolicy is the bare client.
func TestVerifyWithoutPolicy(t *testing.T) {
	r := request(released(t, "release 2", imageCustom))
	r.Policy = NoPolicy
	if v, err := Verify(r); err != nil || v.Policy != nil {
		t.Errorf("got %v, %v", v, err)
	}
}

// TestVerifyGap names the root that is missing between two others.
func TestVerifyGap(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	r := request(s)
	for range 2 {
		s.CarryOut(plan.Request{Renew: []string{"root"}})
	}
	r.Path = copyOf(s)
	fatal(t, os.Remove(filepath.Join(r.Path, "2.root.json")))
	const gap = "2.root.json is missing, but 3.root.json is there: clients stop at root 1"
	found, err := Verify(r)
	if err != nil || len(found.Repository.Notes) != 1 || found.Repository.Notes[0].Text != gap {
		t.Errorf("the keys are the same, so that it verifies: got %v, %v", found, err)
	}
	put(t, r.Path, "1.targets.json", "{")
	_, err = Verify(r)
	ceremonytest.WantError(t, err, fault.Unverified, gap+"; 1.targets.json: ")
}
