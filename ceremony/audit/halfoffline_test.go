package audit

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// TestVerifyHalfOffline verifies what a bundle holds that leaves the rest to a server,
// remembers it, and wants all of it only when asked.
func TestVerifyHalfOffline(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.GiveToServer("snapshot-a", "timestamp-a")
	s.CarryOut(plan.Request{})
	pack := func(name string) string {
		t.Helper()
		if _, err := carry.Bundle(s.Open(), carry.BundleRequest{Repository: "image", Out: s.Path(name), Now: s.Now}); err != nil {
			t.Fatal(err)
		}
		return s.Path(name)
	}
	first := pack("1.tar")
	s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
	s.CarryOut(plan.Request{})
	r := VerifyRequest{Path: pack("2.tar"), TrustedRoot: s.Path("image/metadata/1.root.json"), State: s.Path("seen"), Now: s.Now}
	v, err := Verify(r)
	if err != nil || len(v.Repository.Elsewhere) != 2 || len(v.Repository.Files) != 2 || v.Repository.Images != 1 {
		t.Fatalf("got %+v, %v", v.Repository, err)
	}
	if !strings.Contains(v.Repository.String(), "complete up to snapshot, which the server signs\n") {
		t.Errorf("the report is\n%s", v.Repository)
	}
	r.Complete = true
	if _, err := Verify(r); !errors.Is(err, fs.ErrNotExist) || fault.CodeOf(err) != fault.Unverified {
		t.Errorf("wanting all: %v", err)
	}
	r.Path, r.Complete = first, false
	_, err = Verify(r)
	ceremonytest.WantError(t, err, fault.Unverified, "1.targets.json: signed.version: got 1, want at least 2, which was seen before (possible rollback attack)")

	// A folder claims nothing: without the server's files it is not complete.
	r = VerifyRequest{Path: s.Path("image"), TrustedRoot: r.TrustedRoot, Now: s.Now}
	if _, err := Verify(r); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	s.Serve(1, 1)
	if v, err := Verify(r); err != nil || v.Repository.Elsewhere != nil || len(v.Repository.Files) != 4 {
		t.Errorf("the folder, signed: %+v, %v", v, err)
	}
}

// TestVerifyRootsAlone verifies the bundle of a Director, of which only root is signed
// here, and has nothing to compare.
func TestVerifyRootsAlone(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Edit("trust.yaml", ", images: images.yaml", "")
	s.GiveToServer("targets-a", "snapshot-a", "timestamp-a")
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "root 1" {
		t.Errorf("signs %s", ceremonytest.Files(p))
	}
	director, image := s.Path("director.tar"), ceremonytest.SignedSoftware(t)
	if _, err := carry.Bundle(s.Open(), carry.BundleRequest{Repository: "image", Out: director, Now: s.Now}); err != nil {
		t.Fatal(err)
	}
	r := VerifyRequest{
		Path: image.Path("image"), TrustedRoot: image.Path("image/metadata/1.root.json"),
		Director: director, DirectorRoot: s.Path("image/metadata/1.root.json"), Now: s.Now,
	}
	v, err := Verify(r)
	if err != nil || len(v.Director.Files) != 1 || v.Director.Elsewhere[0] != "targets" || v.Director.Assignments != nil {
		t.Fatalf("got %+v, %v", v, err)
	}
	if err := os.Remove(image.Path("image/metadata/timestamp.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(r); err == nil {
		t.Error("the Image repository without timestamp is taken")
	}
}
