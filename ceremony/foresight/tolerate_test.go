package foresight_test

import (
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

// TestRefusedSupplier passes over a supplier's new file that is signed as it should be
// and that the policy refuses: what is published of it stays, and the others go on.
func TestRefusedSupplier(t *testing.T) {
	s := ceremonytest.Delivered(t)
	stricter(s, "severity: {IMAGE-ALLOWED: error}")
	stated := ceremonytest.LineOf(s.Read("image/metadata/2.snapshot.json"), `"brakes.json":{"hashes":`)
	s.Write("image/metadata/2.brakes.json", ceremonytest.SuppliedImages(t, roles.TUF, 2, s.Now.Add(5*words.Day), []string{"brakes/1", "other/1"}, "supplier-a"))
	const want = "warning: a new file of brakes is passed over, the one that is published stays: image/metadata/2.brakes.json: policy tuf, changed refuses it: IMAGE-ALLOWED error: "
	made, err := derive.Make(s.Open(), plan.Request{Repository: "image", Now: s.Now})
	if err != nil || made.Plan != nil || len(made.Suppliers) != 1 || !strings.HasPrefix(made.Suppliers[0].String(), want) {
		t.Fatalf("got plan %v, suppliers %v, %v", made.Plan, made.Suppliers, err)
	}
	s.Now = s.Now.Add(words.Day)
	p := s.CarryOut(plan.Request{Renew: []string{"snapshot"}})
	if ceremonytest.Files(p) != "snapshot 3, timestamp 3" || len(p.Suppliers) != 1 || !strings.HasPrefix(p.Suppliers[0].String(), want) {
		t.Errorf("signs %s, suppliers %v", ceremonytest.Files(p), p.Suppliers)
	}
	if now := ceremonytest.LineOf(s.Read("image/metadata/3.snapshot.json"), `"brakes.json":{"hashes":`); now != stated {
		t.Errorf("snapshot states %s, want %s as before", now, stated)
	}
	s.Write("image/metadata/3.brakes.json", ceremonytest.SuppliedImages(t, roles.TUF, 3, s.Now.Add(5*words.Day), []string{"brakes/1", "brakes/2"}, "supplier-a"))
	p = s.CarryOut(plan.Request{})
	if len(p.Suppliers) != 1 || p.Suppliers[0].String() != "brakes 3 is new, signed by others" {
		t.Errorf("suppliers %v", p.Suppliers)
	}
}

// TestRefusedFirst says what the policy has against a supplier's first file, and not
// that there is none.
func TestRefusedFirst(t *testing.T) {
	s := ceremonytest.Supplied(t)
	stricter(s, "severity: {IMAGE-ALLOWED: error}")
	s.Write("image/metadata/1.brakes.json", ceremonytest.SuppliedImages(t, roles.TUF, 1, s.Now.Add(5*words.Day), []string{"other/1"}, "supplier-a"))
	_, err := s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Refused, "IMAGE-ALLOWED error: ")
}

// TestRefusedPublished goes on where a policy has become stricter than a supplier's file
// that is published, and says so; a delegation that breaks it stops everything.
func TestRefusedPublished(t *testing.T) {
	s := ceremonytest.Delivered(t)
	stricter(s, "images: {release-counters: wanted}\nseverity: {IMAGE-COUNTER: error}")
	s.Edit("images.yaml", "    length: 10\n", "    length: 10\n    custom: {releaseCounter: 1}\n")
	p := s.CarryOut(plan.Request{})
	if ceremonytest.Files(p) != "targets 3, snapshot 3, timestamp 3" {
		t.Errorf("signs %s", ceremonytest.Files(p))
	}
	found := false
	for _, f := range p.Findings {
		found = found || f.Check == "IMAGE-COUNTER" && f.Severity == string(policies.Warning)
	}
	if !found {
		t.Errorf("findings %v", p.Findings)
	}
}

// stricter changes the policy of a repository.
func stricter(s *ceremonytest.Software, text string) {
	s.Edit(workspace.TrustFile, "policy: tuf", "policy: stricter.yaml")
	s.Write("stricter.yaml", "version: 1\nextends: tuf\n"+text+"\n")
}
