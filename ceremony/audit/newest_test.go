package audit

import (
	"path/filepath"
	"slices"
	"strings"
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

// TestNewestPassesOver what is nobody's file: copies under hashes, files that no
// role delegates to, and what is no metadata at all. It takes the same each time.
func TestNewestPassesOver(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	dir := copyOf(s)
	want, err := Diff(dir, dir, nil)
	if err != nil || len(want.Changes) > 0 {
		t.Fatal(want, err)
	}
	digest := strings.Repeat("0a", 32)
	for name, text := range map[string]string{
		digest + ".targets.json": "{}", "root." + digest + ".json": "{", "9.nobody.json": "{}", "map.json": "[]", digest + digest + ".x.json": "",
	} {
		put(t, dir, name, text)
	}
	for range 20 {
		found, err := Diff(s.Path("image/metadata"), dir, nil)
		if err != nil || len(found.Changes) > 0 {
			t.Fatalf("got %v, %v", found, err)
		}
	}
	for range 20 { // of two broken files it is the same that is named
		put(t, dir, "1.targets.json", "{")
		put(t, dir, "1.snapshot.json", "{")
		_, _, err := CheckPolicy(PolicyRequest{Path: dir, Now: s.Now})
		ceremonytest.WantError(t, err, fault.Unverified, "1.snapshot.json: ")
	}
}

// TestLookAtOddities looks at old metadata that nothing may be signed on top of,
// says so, and has a finding for it.
func TestLookAtOddities(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	dir := copyOf(s)
	ceremonytest.Rewrite(t, dir, "1.targets.json", func(text string) string { return strings.Replace(text, `"version":1}`, `"version":0}`, 1) })
	const problem = "signed.version: got 0, want at least 1"
	found, err := Diff(s.Path("image/metadata"), dir, nil)
	if err != nil || len(found.Odd) != 1 || !strings.HasPrefix(found.Odd[0].String(), "1.targets.json: "+problem) || !strings.HasSuffix(found.Odd[0].String(), "it can be looked at, and nothing is signed on top of it") {
		t.Errorf("got %+v, %v", found, err)
	}
	found, err = Diff(filepath.Join(dir, "1.targets.json"), s.Path("image/metadata/1.targets.json"), nil)
	if err != nil || len(found.Odd) != 1 || len(found.Changes) != 1 || found.Changes[0].String() != "targets: version: 0 → 1" {
		t.Errorf("files: got %+v, %v", found, err)
	}
	results, _, err := CheckPolicy(PolicyRequest{Path: dir, Now: s.Now})
	if err != nil {
		t.Fatal(err)
	}
	ceremonytest.WantError(t, RefusedByPolicy(results), fault.Refused, problem)
	_, err = Verify(VerifyRequest{Path: dir, TrustedRoot: s.Path("image/metadata/1.root.json"), Now: s.Now})
	ceremonytest.WantError(t, err, fault.Unverified, "1.targets.json: ")
}
