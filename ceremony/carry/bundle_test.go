package carry

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// TestBundleRefuses packs what verifies as a client does, while no ceremony runs,
// and leaves no file otherwise.
func TestBundleRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ceremonytest.Software)
		code   fault.Code
		want   string // empty: it is packed
	}{
		"as it was signed": {func(*ceremonytest.Software) {}, 0, ""},
		"edited":           {func(s *ceremonytest.Software) { s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin") }, fault.Unverified, "1.targets.json: "},
		"edited root":      {func(s *ceremonytest.Software) { s.Edit("image/metadata/1.root.json", "2027-11-23", "2037-11-23") }, fault.Unverified, "1.root.json: 0 of 2 signatures"},
		"expired":          {func(s *ceremonytest.Software) { s.Now = s.Now.AddDate(0, 0, 15) }, fault.Unverified, "timestamp.json: "},
		"no timestamp":     {func(s *ceremonytest.Software) { s.Remove("image/metadata/timestamp.json") }, fault.Incomplete, "image: timestamp is not signed yet"},
		"no targets":       {func(s *ceremonytest.Software) { s.Remove("image/metadata/1.targets.json") }, fault.Incomplete, "image: targets is not signed yet"},
		"nothing signed":   {func(s *ceremonytest.Software) { os.RemoveAll(s.Path("image")) }, fault.Incomplete, "image: nothing is signed yet"},
		"during a ceremony": {func(s *ceremonytest.Software) {
			lock, err := s.Open().Lock("image")
			if err != nil {
				s.T.Fatal(err)
			}
			s.T.(*testing.T).Cleanup(func() { lock.Close() })
		}, fault.Failed, "repository image: another keyrite is at work on it\nhint: wait until it has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			tt.change(s)
			out := t.TempDir() + "/image.tar"
			made, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now})
			_, statErr := os.Stat(out)
			if tt.want != "" {
				ceremonytest.WantError(t, err, tt.code, tt.want)
				if statErr == nil {
					t.Error("it was packed")
				}
			} else if err != nil || statErr != nil || made.Files != 4 {
				t.Errorf("got %+v, %v, %v", made, err, statErr)
			}
		})
	}
}

// TestHalfOffline packs what is signed here, and says what the server has to sign over
// it. What is known of the server's own files stays here.
func TestHalfOffline(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.GiveToServer("snapshot-a", "timestamp-a")
	s.CarryOut(plan.Request{})
	s.Serve(7, 40)
	s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
	s.CarryOut(plan.Request{})
	pack := func() (*bundle.Bundle, []roles.Due) {
		t.Helper()
		out := t.TempDir() + "/image.tar"
		made, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now})
		if err != nil {
			t.Fatal(err)
		}
		b, err := bundle.Open(out)
		if err != nil || !slices.EqualFunc(b.Server().Due, made.Server, func(a, b roles.Due) bool { return a.String() == b.String() }) {
			t.Fatalf("got %v, %v, want %v", b.Server(), err, made.Server)
		}
		return b, made.Server
	}
	b, due := pack()
	names, _ := b.MetadataNames()
	if got := strings.Join(names, " "); got != "1.root.json 2.targets.json" || b.Server().First != roles.TypeSnapshot {
		t.Errorf("packed %s, the server begins at %q", got, b.Server().First)
	}
	if len(due) != 2 || due[0].String() != "the server must sign snapshot 8 over targets 2 with snapshot-a before publishing" {
		t.Errorf("the server's part is %v", due)
	}
	s.Serve(8, 41)
	if _, due := pack(); due != nil {
		t.Errorf("the server has signed, and its part is %v", due)
	}
	s.Remove("image/metadata/2.targets.json") // the server knows version 2
	_, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: t.TempDir() + "/image.tar", Now: s.Now})
	ceremonytest.WantError(t, err, fault.Unverified, "version is 1, but version 2 was signed already")
	s.Remove("image/metadata/1.targets.json")
	_, err = Bundle(s.Open(), BundleRequest{Repository: "image", Out: t.TempDir() + "/image.tar", Now: s.Now})
	ceremonytest.WantError(t, err, fault.Incomplete, "image: targets is not signed yet")
}

// TestPublishedImages names each image once, whoever lists it, under all names that
// clients ask for.
func TestPublishedImages(t *testing.T) {
	image := func(path string) roles.Image {
		return roles.Image{Path: path, Length: 1, Hashes: roles.HashesOf([]byte(path))}
	}
	targets := func(paths ...string) *roles.File {
		body := &roles.Targets{}
		for _, path := range paths {
			body.Images = append(body.Images, image(path))
		}
		return &roles.File{Body: body}
	}
	state := &signed.State{Format: roles.TUF, Files: map[string]*roles.File{
		"targets": targets("a/b.bin"), "acme": targets("a/b.bin", "c.bin"), "timestamp": {Body: &roles.Timestamp{}},
		"removed": targets("d.bin"), // nobody delegates to it any more
	}}
	state.Targets("targets").Delegations = &roles.Delegations{Roles: []roles.DelegatedRole{{Role: roles.Role{Name: "acme"}}}}
	seen, copies := map[string]bool{}, 0
	for _, file := range publishedImages(state, folder{}) {
		if seen[file.Path] || !strings.HasPrefix(file.Path, "targets/") || file.Length != 1 {
			t.Errorf("got %+v", file)
		}
		if seen[file.Path] = true; file.SameAs != "" {
			copies++
			if !seen[file.SameAs] {
				t.Errorf("%s is the same as %s, which comes later", file.Path, file.SameAs)
			}
		}
	}
	if names := len(state.Format.ImagePaths(image("c.bin"))); len(seen) != 2*names || copies != 2*(names-1) {
		t.Errorf("%d files, %d of them copies, of 2 images with %d names", len(seen), copies, names)
	}
}

// TestPlainImages packs a repository without consistent snapshots: its images lie under
// their own paths, where its clients look (TUF 1.0.34 §6.2).
func TestPlainImages(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Write("images.yaml", fmt.Sprintf("version: 1\nimages:\n  - {path: a/app.bin, length: 1, sha256: %x, custom: {hardwareIds: [brake]}}\n", sha256.Sum256([]byte("x"))))
	s.CarryOut(plan.Request{})
	s.Unnumber()
	s.Write("images/a/app.bin", "x")
	out := t.TempDir() + "/image.tar"
	if _, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Images: s.Path("images"), Now: s.Now, NoEvidence: true}); err != nil {
		t.Fatal(err)
	}
	_, images, err := bundle.OpenWithImages(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, found := images.Digests("a/app.bin"); !found {
		t.Error("the bundle has no targets/a/app.bin")
	}
}

// TestDespite packs what vehicles need although one supplier's file is of no use, once
// somebody has named that supplier.
func TestDespite(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(s *ceremonytest.Software)
		code   fault.Code
		want   string
		packed string
	}{
		"expired": {func(s *ceremonytest.Software) { s.Now = s.Now.AddDate(0, 0, 6) }, fault.Unverified, "1.brakes.json: signed.expires: it expired at ",
			"1.brakes.json 1.root.json 2.snapshot.json 2.targets.json timestamp.json"},
		"broken": {func(s *ceremonytest.Software) { s.Write("image/metadata/1.brakes.json", "{") }, fault.Unverified, "1.brakes.json: the file ends early",
			"1.root.json 2.snapshot.json 2.targets.json timestamp.json"},
		"missing": {func(s *ceremonytest.Software) { s.Remove("image/metadata/1.brakes.json") }, fault.Incomplete, "image: brakes is not signed yet",
			"1.root.json 2.snapshot.json 2.targets.json timestamp.json"},
	} {
		t.Run(name, func(t *testing.T) {
			s := withSupplier(t)
			tt.change(s)
			out := t.TempDir() + "/image.tar"
			_, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now})
			ceremonytest.WantError(t, err, tt.code, tt.want)
			if hint := "keyrite bundle image -o " + out + " --despite brakes"; tt.code == fault.Unverified && !strings.Contains(strings.Join(fault.Hints(err), "\n"), hint) {
				t.Errorf("hints %q, want %s", fault.Hints(err), hint)
			}
			made, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now, Despite: []string{"brakes"}})
			if err != nil || len(made.Report.Lost) != 1 || made.Report.Lost[0].Role != "brakes" {
				t.Fatalf("got %+v, %v", made, err)
			}
			b, err := bundle.Open(out)
			if err != nil {
				t.Fatal(err)
			}
			names, _ := b.MetadataNames()
			if got := strings.Join(names, " "); got != tt.packed {
				t.Errorf("packed %s, want %s", got, tt.packed)
			}
		})
	}
	s := ceremonytest.SignedSoftware(t)
	_, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: t.TempDir() + "/image.tar", Now: s.Now, Despite: []string{"timestamp"}})
	ceremonytest.WantError(t, err, fault.Usage, "--despite timestamp: want a delegated role")
}

// TestPassedOver packs the supplier's file that is published where a newer one is of
// no use, and says so.
func TestPassedOver(t *testing.T) {
	for name, text := range map[string]string{
		"signed by a stranger": ceremonytest.SupplierFile(t, 2, ceremonytest.Now.AddDate(0, 0, 5), "root-a"),
		"cut off":              "{",
		"not taken in yet":     ceremonytest.SupplierFile(t, 2, ceremonytest.Now.AddDate(0, 0, 5), "supplier-a"),
	} {
		s := withSupplier(t)
		s.Write("image/metadata/2.brakes.json", text)
		out := t.TempDir() + "/image.tar"
		made, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now})
		if err != nil || len(made.Report.Lost) != 0 || !strings.HasPrefix(made.Passed["brakes"], "image/metadata/2.brakes.json: ") {
			t.Errorf("%s: got %+v, %v", name, made, err)
			continue
		}
		b, err := bundle.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		names, _ := b.MetadataNames()
		if got := strings.Join(names, " "); got != "1.brakes.json 1.root.json 2.snapshot.json 2.targets.json timestamp.json" {
			t.Errorf("%s: packed %s", name, got)
		}
	}
}

// withSupplier is a repository in which a supplier's file is published.
func withSupplier(t *testing.T) *ceremonytest.Software {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("supplier-a")
	s.Edit("trust.yaml", "    roles:\n", "      supplier-a: {public: keys/supplier-a.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "supplier-a")+"}\n    roles:\n")
	s.Write("trust.yaml", s.Read("trust.yaml")+"    delegations:\n      - {role: brakes, keys: [supplier-a], threshold: 1, paths: [\"brakes/*\"], expires: 90d}\n")
	s.Write("image/metadata/1.brakes.json", ceremonytest.SupplierFile(t, 1, s.Now.AddDate(0, 0, 5), "supplier-a"))
	s.CarryOut(plan.Request{})
	return s
}

// TestGrabbedRole has a supplier that delegates to another's role, with keys of its
// own: that is its own loss, and no reason to refuse the other.
func TestGrabbedRole(t *testing.T) {
	s := withSupplier(t)
	s.Edit("trust.yaml", "    roles:\n", "      maps-a: {type: ed25519, custodian: f}\n    roles:\n")
	s.Write("trust.yaml", s.Read("trust.yaml")+"      - {role: maps, keys: [maps-a], threshold: 1, paths: [\"maps/*\"], expires: 5d, images: maps.yaml}\n")
	s.Write("maps.yaml", ceremonytest.ImagesYAML("maps/1.bin"))
	s.Edit("site.yaml", "keys: {", "keys: {maps-a: all, ")
	s.AddKeys("maps-a")
	s.Write("image/metadata/2.brakes.json", ceremonytest.Delegating(t, 2, s.Now.AddDate(0, 0, 5), "maps", "root-a", "supplier-a"))
	s.CarryOut(plan.Request{})
	out := t.TempDir() + "/image.tar"
	_, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now})
	ceremonytest.WantError(t, err, fault.Unverified, "1.maps.json: signatures: 0 of 1 signatures that role maps needs by brakes 2")
	if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, "--despite brakes") {
		t.Errorf("hints %s", hints)
	}
	if _, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now, Despite: []string{"brakes"}}); err != nil {
		t.Error(err)
	}
}
