package plan

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// TestDerive edits the declared trust of a signed repository and demands just
// the files that this changes.
func TestDerive(t *testing.T) {
	for _, tt := range []struct {
		name    string
		edits   []string // of trust.yaml: old and new
		request Request
		after   time.Duration
		files   string // "" for nothing to do
	}{
		{name: "nothing"},
		{name: "a comment", edits: []string{"version: 1\n", "version: 1 # of the format\n"}},
		{name: "a shorter life alone", edits: []string{"expires: 14d", "expires: 7d"}},
		{name: "renew timestamp", request: Request{Renew: []string{"timestamp"}}, files: "timestamp 2"},
		{name: "renew targets", request: Request{Renew: []string{"targets"}}, files: "targets 2, snapshot 2, timestamp 2"},
		{name: "renew root", request: Request{Renew: []string{"root"}}, files: "root 2"},
		{name: "in its last second", after: 14*words.Day - time.Second},
		{name: "timestamp expired", after: 14 * words.Day, files: "timestamp 2"},
		{name: "snapshot expired", after: 30 * words.Day, files: "snapshot 2, timestamp 2"},
		{name: "root threshold", edits: []string{"root-b], threshold: 2", "root-b], threshold: 1"}, files: "root 2"},
		{name: "snapshot key", edits: []string{
			"snapshot-a: {type: ed25519, custodian: d}", "snapshot-b: {type: ed25519, custodian: d}",
			"keys: [snapshot-a]", "keys: [snapshot-b]",
		}, files: "root 2, snapshot 2, timestamp 2"},
		{name: "images not declared any more", edits: []string{", images: images.yaml", ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := signedSoftware(t)
			s.edit(workspace.TrustFile, tt.edits...)
			s.addKeys("snapshot-b")
			s.now = s.now.Add(tt.after)
			plan, err := s.derive(tt.request)
			if err != nil || plan == nil != (tt.files == "") {
				t.Fatalf("got plan %v, %v, want %s", plan, err, tt.files)
			}
			if plan == nil {
				return
			}
			if got := files(plan); got != tt.files {
				t.Fatalf("signs %s, want %s", got, tt.files)
			}
			s.carryOut(tt.request)
			if again, err := s.derive(Request{}); again != nil || err != nil {
				t.Errorf("after it: plan %v, %v, want nothing to do", again, err)
			}
			if _, err := carry.Bundle(s.open(), carry.BundleRequest{Repository: "image", Out: t.TempDir() + "/b.tar", Now: s.now}); err != nil {
				t.Errorf("a client refuses it: %v", err)
			}
		})
	}
}

// TestRotation replaces one of two root keys (Uptane Standard 2.1.0 §5.4.4.3).
func TestRotation(t *testing.T) {
	s := signedSoftware(t)
	s.addKeys("root-c")
	s.edit(workspace.TrustFile,
		"root-b: {type: ed25519, custodian: b}", "root-c: {type: ed25519, custodian: b}",
		"keys: [root-a, root-b]", "keys: [root-a, root-c]")
	plan := s.carryOut(Request{})
	var signers []string
	for _, step := range plan.Steps {
		if step.Do == DoSign {
			signers = append(signers, fmt.Sprint(step.Role, " ", step.Key, " ", step.CountsFor))
		}
	}
	want := []string{"root root-a [previous root new root]", "root root-b [previous root]", "root root-c [new root]"}
	if files(plan) != "root 2" || !slices.Equal(signers, want) {
		t.Errorf("signs %s with %q, want root 2 with %q", files(plan), signers, want)
	}
	if got := plan.Files[0].Path; got != "image/metadata/2.root.json" {
		t.Errorf("path is %s", got)
	}
	if plan, err := s.derive(Request{}); plan != nil || err != nil {
		t.Errorf("after it: plan %v, %v, want nothing to do", plan, err)
	}
}

const supplier = `    delegations:
      - {role: brakes, keys: [supplier-a], threshold: 1, paths: ["brakes/*"], expires: 90d}
`

// supplied is a repository with a delegation whose key a supplier holds.
func supplied(t *testing.T) *software {
	s := signedSoftware(t)
	s.addKeys("supplier-a")
	s.edit(workspace.TrustFile, "    roles:\n", "      supplier-a: {public: keys/supplier-a.yaml}\n    roles:\n")
	s.write(workspace.TrustFile, s.read(workspace.TrustFile)+supplier)
	return s
}

func TestSupplier(t *testing.T) {
	s := supplied(t)
	_, err := s.derive(Request{})
	wantError(t, err, fault.Refused, "delegation brakes: nobody here holds its keys and there is no signed file of it")

	s.write("image/metadata/1.brakes.json", supplierFile(t, 1, s.now.Add(90*words.Day), "root-a"))
	_, err = s.derive(Request{})
	wantError(t, err, fault.Refused, "delegation brakes: image/metadata/1.brakes.json is not signed by the keys that trust.yaml lists")

	s.write("image/metadata/1.brakes.json", supplierFile(t, 1, s.now.Add(90*words.Day), "supplier-a"))
	if plan := s.carryOut(Request{}); files(plan) != "targets 2, snapshot 2, timestamp 2" || plan.Notes != nil {
		t.Errorf("added: signs %s, notes %q", files(plan), plan.Notes)
	}
	s.write("image/metadata/2.brakes.json", supplierFile(t, 2, s.now.Add(5*words.Day), "supplier-a"))
	if plan := s.carryOut(Request{}); files(plan) != "snapshot 3, timestamp 3" {
		t.Errorf("new file of the supplier: signs %s", files(plan))
	}
	s.now = s.now.Add(6 * words.Day)
	_, err = s.derive(Request{Renew: []string{"timestamp"}})
	wantError(t, err, fault.Refused, "EXPIRED error: repositories.image.delegations[0].expires is expired since 2026-11-28")
	s.edit(workspace.TrustFile, supplier, "", "      supplier-a: {public: keys/supplier-a.yaml}\n", "")
	if plan := s.carryOut(Request{}); files(plan) != "targets 3, snapshot 4, timestamp 4" {
		t.Errorf("removed: signs %s", files(plan))
	}
	if !strings.Contains(s.read("image/metadata/4.snapshot.json"), `"brakes.json"`) {
		t.Error("snapshot does not list the removed delegation any more")
	}
}

// TestOwnDelegation adds a delegation whose key is here and has yet to be
// generated, changes its images, and removes it.
func TestOwnDelegation(t *testing.T) {
	s := signedSoftware(t)
	s.edit(workspace.TrustFile, "    roles:\n", "      maps-a: {type: ed25519, custodian: f}\n    roles:\n")
	const own = `    delegations:
      - {role: maps, keys: [maps-a], threshold: 1, paths: ["maps/*"], expires: 20d, images: maps.yaml}
`
	s.write(workspace.TrustFile, s.read(workspace.TrustFile)+own)
	s.write("maps.yaml", imagesYAML("maps/1.bin"))
	s.edit(workspace.SiteFile, "keys: {", "keys: {maps-a: all, ")
	plan := s.mustDerive(Request{})
	if maps, targets := plan.Files[0], plan.Files[1]; maps.SHA256 == "" || targets.SHA256 != "" || plan.Steps[0].String() != "generate maps-a (ed25519)" {
		t.Errorf("maps has SHA-256 %q, targets %q, which lists a key that is not there yet; step 1 is %s", maps.SHA256, targets.SHA256, plan.Steps[0])
	}
	s.addKeys("maps-a")
	if plan := s.carryOut(Request{}); files(plan) != "maps 1, targets 2, snapshot 2, timestamp 2" || plan.Files[0].Expires != "2026-12-13T05:00:00Z" {
		t.Errorf("added: signs %s, maps until %s", files(plan), plan.Files[0].Expires)
	}
	s.write("maps.yaml", imagesYAML("maps/1.bin", "maps/2.bin"))
	if plan := s.carryOut(Request{}); files(plan) != "maps 2, snapshot 3, timestamp 3" {
		t.Errorf("changed: signs %s", files(plan))
	}
	s.edit(workspace.TrustFile, own, "", "      maps-a: {type: ed25519, custodian: f}\n", "")
	if plan := s.carryOut(Request{}); files(plan) != "targets 3, snapshot 4, timestamp 4" {
		t.Errorf("removed: signs %s", files(plan))
	}
}

// TestStray puts a file in the folder that nobody delegates to.
func TestStray(t *testing.T) {
	s := signedSoftware(t)
	s.write("image/metadata/9.stray.json", supplierFile(t, 9, s.now.Add(90*words.Day), "root-a"))
	if plan, err := s.derive(Request{}); plan != nil || err != nil {
		t.Errorf("got plan %v, %v, want nothing to do", plan, err)
	}
	s.carryOut(Request{Renew: []string{"targets"}})
	if text := s.read("image/metadata/2.snapshot.json"); strings.Contains(text, "stray") {
		t.Errorf("snapshot lists it: %s", text)
	}
}

// TestSnapshotListsRoot renews root where another tool's snapshot states its
// version.
func TestSnapshotListsRoot(t *testing.T) {
	s := signedSoftware(t)
	file, err := roles.Read(roles.TUF, roles.TypeSnapshot, []byte(s.read("image/metadata/1.snapshot.json")))
	if err != nil {
		t.Fatal(err)
	}
	body := file.Body.(*roles.Snapshot)
	body.Version = 2
	body.Meta = slices.Insert(body.Meta, 0, roles.Meta{Name: "root.json", Version: 1, Length: -1})
	draft, err := roles.Encode(roles.TUF, body)
	if err != nil {
		t.Fatal(err)
	}
	s.write("image/metadata/2.snapshot.json", string(sealed(t, draft, "snapshot-a")))
	if plan := s.carryOut(Request{Renew: []string{"root"}}); files(plan) != "root 2, snapshot 3, timestamp 2" {
		t.Errorf("signs %s", files(plan))
	}
	if text := s.read("image/metadata/3.snapshot.json"); !strings.Contains(text, `"root.json":{"version":2}`) {
		t.Errorf("snapshot is %s", text)
	}
	if plan, err := s.derive(Request{}); plan != nil || err != nil {
		t.Errorf("after it: plan %v, %v, want nothing to do", plan, err)
	}
}

// TestOnline is a site whose timestamp key is with an online service.
func TestOnline(t *testing.T) {
	s := newSoftware(t)
	s.edit(workspace.SiteFile, ", timestamp-a: all", "")
	plan := s.carryOut(Request{})
	want := []string{"timestamp is signed elsewhere (timestamp-a): first version"}
	if files(plan) != "root 1, targets 1, snapshot 1" || !slices.Equal(plan.Notes, want) {
		t.Errorf("signs %s, notes %q", files(plan), plan.Notes)
	}
	_, err := s.derive(Request{Renew: []string{"snapshot"}, Signers: []string{"root-a"}})
	wantError(t, err, fault.Refused, "snapshot: the threshold of snapshot cannot be reached here; got 0 of 1 keys (none)")
}

func TestDeriveRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		edits   []string
		request Request
		code    fault.Code
		want    string
	}{
		{"ECDSA in ota-ce", []string{"format: tuf", "format: ota-ce", "targets-a: {type: ed25519", "targets-a: {type: ecdsa-p256"}, Request{},
			fault.Refused, "keys.targets-a.type cannot be used: format ota-ce has no ECDSA"},
		{"no such role", nil, Request{Renew: []string{"brakes"}}, fault.Usage, "--renew brakes: no such role"},
		{"no such key", nil, Request{Signers: []string{"root-z"}}, fault.Usage, "--signers root-z: no such key"},
		{"too few signers", nil, Request{Signers: []string{"root-a"}}, fault.Refused, "root: the threshold of new root cannot be reached here; got 1 of 2 keys (root-a)"},
		{"policy that is not there", []string{"policy: tuf", "policy: own.yaml"}, Request{}, fault.Usage, "image.policy cannot be used: own.yaml"},
	} {
		s := newSoftware(t)
		if err := os.Remove(s.path(workspace.KeyPath("targets-a"))); err != nil {
			t.Fatal(err)
		}
		s.edit(workspace.TrustFile, tt.edits...)
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.derive(tt.request)
			wantError(t, err, tt.code, tt.want)
		})
	}
}

// TestSamePlan makes a plan twice from the same inputs, with all keys and with
// one that has yet to be generated.
func TestSamePlan(t *testing.T) {
	s := newSoftware(t)
	s.write("own.yaml", "version: 1\nextends: tuf\n")
	s.edit(workspace.TrustFile, "policy: tuf", "policy: own.yaml")
	encode := func() []byte {
		data, err := s.mustDerive(Request{Reason: "first"}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	complete := encode()
	if again := encode(); !bytes.Equal(complete, again) {
		t.Errorf("the same inputs make two plans:\n%s\n%s", complete, again)
	}
	plan := s.mustDerive(Request{})
	for _, f := range plan.Files {
		if known := f.Role == "root" || f.Role == "targets"; known != (f.SHA256 != "") {
			t.Errorf("%s: SHA-256 is %q", f.Role, f.SHA256)
		}
	}
	policy := sha256.Sum256([]byte(s.read("own.yaml")))
	if !slices.Contains(plan.Inputs, Input{"own.yaml", fmt.Sprintf("%x", policy)}) {
		t.Errorf("inputs are %v, want the policy file among them", plan.Inputs)
	}

	if err := os.Remove(s.path(workspace.KeyPath("snapshot-a"))); err != nil {
		t.Fatal(err)
	}
	planned := encode()
	if again := encode(); !bytes.Equal(planned, again) {
		t.Errorf("the same inputs make two plans:\n%s\n%s", planned, again)
	}
	plan = s.mustDerive(Request{})
	if first := plan.Steps[0]; first.Do != DoGenerate || first.Key != "snapshot-a" {
		t.Errorf("step 1 is %s", first)
	}
	if root, targets := plan.Files[0], plan.Files[1]; root.SHA256 != "" || targets.SHA256 == "" {
		t.Errorf("root has SHA-256 %q, targets %q; want that of targets only", root.SHA256, targets.SHA256)
	}
}

// TestSecondName finds a public key under a second name, which people would be
// shown in the place of the first.
func TestSecondName(t *testing.T) {
	s := signedSoftware(t)
	s.write("keys/zz.yaml", strings.Replace(s.read("keys/root-a.yaml"), "name: root-a", "name: zz", 1))
	_, err := s.derive(Request{})
	wantError(t, err, fault.Refused, "keys/zz.yaml has the same public key as keys/root-a.yaml")
}
