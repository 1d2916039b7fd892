package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// TestLongChain goes on from 299 roots, a key that changes every hundred, and verifies from
// the first, as a vehicle that slept for all of them, and from one in the middle.
func TestLongChain(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("root-c", "root-d")
	file, err := roles.Read(roles.TUF, roles.TypeRoot, []byte(s.Read("image/metadata/1.root.json")))
	if err != nil {
		t.Fatal(err)
	}
	root, before := file.Body.(*roles.Root), []string{"root-a", "root-b"}
	for version := int64(2); version < 300; version++ {
		now := []string{"root-a", []string{"root-b", "root-c", "root-b"}[version/100]}
		var keys []roles.Key
		for _, name := range now {
			key, err := roles.NewKey(roles.TUF, ceremonytest.Key(name).Public())
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key)
		}
		root.SetRole("root", 2, keys)
		roles.SetHead(roles.TUF, root, version, s.Now.Add(365*words.Day))
		draft, err := roles.Encode(roles.TUF, root)
		if err != nil {
			t.Fatal(err)
		}
		signers := before
		if now[1] != before[1] {
			signers = append(signers[:2:2], now[1])
		}
		s.Write(fmt.Sprintf("image/metadata/%d.root.json", version), string(ceremonytest.Sealed(t, draft, signers...)))
		before = now
	}

	// Vehicles that follow 256 at once would hold a stale one: a person has to say so.
	s.Edit(workspace.TrustFile, "root-b: {type", "root-d: {type", "keys: [root-a, root-b]", "keys: [root-a, root-d]")
	s.Edit(workspace.SiteFile, "root-c: all", "root-c: all, root-d: all")
	_, err = s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Refused, "ROOT-ROTATIONS")
	s.Write(workspace.TrustFile, s.Read(workspace.TrustFile)+"      - {check: ROOT-ROTATIONS, reason: they walk twice, person: test}\n")
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "root 300" {
		t.Fatalf("signs %s", ceremonytest.Files(p))
	}
	for _, from := range []int{1, 299} {
		r := request(s)
		r.TrustedRoot, r.Policy = s.Path(fmt.Sprintf("image/metadata/%d.root.json", from)), NoPolicy
		found, err := Verify(r)
		if err != nil {
			t.Fatalf("from root %d: %v", from, err)
		}
		if n := len(found.Repository.Files); n != 300-from+4 {
			t.Errorf("from root %d: %d files, want %d", from, n, 300-from+4)
		}
		if note := strings.Contains(fmt.Sprint(found.Repository.Notes), "256"); note != (from == 1) {
			t.Errorf("from root %d: notes %v", from, found.Repository.Notes)
		}
	}
	// One that is missing stops everybody behind it, and is told.
	s.Remove("image/metadata/150.root.json")
	r := request(s)
	r.Policy = NoPolicy
	found, err := Verify(r)
	if want := "150.root.json is missing, but 151.root.json is there: clients stop at root 149"; err != nil || !strings.Contains(fmt.Sprint(found.Repository.Notes), want) {
		t.Errorf("got %v, %v, want %s", found.Repository.Notes, err, want)
	}
}
