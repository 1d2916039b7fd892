package derive_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/plan"

	"github.com/uptane/keyrite/ceremony/carry"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
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
		request plan.Request
		after   time.Duration
		files   string // "" for nothing to do
	}{
		{name: "nothing"},
		{name: "a comment", edits: []string{"version: 1\n", "version: 1 # of the format\n"}},
		{name: "a shorter life alone", edits: []string{"expires: 14d", "expires: 7d"}},
		{name: "renew timestamp", request: plan.Request{Renew: []string{"timestamp"}}, files: "timestamp 2"},
		{name: "renew targets", request: plan.Request{Renew: []string{"targets"}}, files: "targets 2, snapshot 2, timestamp 2"},
		{name: "renew root", request: plan.Request{Renew: []string{"root"}}, files: "root 2"},
		{name: "before a tenth of its life is left", after: 14*words.Day - 14*words.Day/10 - time.Second},
		{name: "a tenth of its life is left", after: 14*words.Day - 14*words.Day/10, files: "timestamp 2"},
		{name: "due, and wanted later", after: 14*words.Day - 14*words.Day/10, request: plan.Request{Later: []string{"timestamp"}}},
		{name: "due by its own lead", edits: []string{"threshold: 1, expires: 14d", "threshold: 1, expires: 14d, renew: 10d"}, after: 4 * words.Day, files: "timestamp 2"},
		{name: "due by the policy, root", after: 365*words.Day - 14*words.Day, request: plan.Request{Later: []string{"targets", "snapshot", "timestamp"}}, files: "root 2, targets 2, snapshot 2, timestamp 2"},
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
			s := ceremonytest.SignedSoftware(t)
			s.Edit(workspace.TrustFile, tt.edits...)
			s.AddKeys("snapshot-b")
			s.Now = s.Now.Add(tt.after)
			p, err := s.Make(tt.request)
			if err != nil || p == nil != (tt.files == "") {
				t.Fatalf("got plan %v, %v, want %s", p, err, tt.files)
			}
			if p == nil {
				return
			}
			if got := ceremonytest.Files(p); got != tt.files {
				t.Fatalf("signs %s, want %s", got, tt.files)
			}
			s.CarryOut(tt.request)
			if again, err := s.Make(plan.Request{}); again != nil || err != nil {
				t.Errorf("after it: plan %v, %v, want nothing to do", again, err)
			}
			if _, err := carry.Bundle(s.Open(), carry.BundleRequest{Repository: "image", Out: t.TempDir() + "/b.tar", Now: s.Now}); err != nil {
				t.Errorf("a client refuses it: %v", err)
			}
		})
	}
}

// TestRotation replaces one of two root keys (Uptane Standard 2.1.0 §5.4.4.3).
func TestRotation(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("root-c")
	s.Edit(workspace.TrustFile,
		"root-b: {type: ed25519, custodian: b}", "root-c: {type: ed25519, custodian: b}",
		"keys: [root-a, root-b]", "keys: [root-a, root-c]")
	p := s.CarryOut(plan.Request{})
	var signers []string
	for _, step := range p.Steps {
		if step.Do == plan.Sign {
			signers = append(signers, fmt.Sprint(step.Role, " ", step.Key, " ", step.CountsFor))
		}
	}
	want := []string{"root root-a [previous root new root]", "root root-b [previous root]", "root root-c [new root]"}
	if ceremonytest.Files(p) != "root 2" || !slices.Equal(signers, want) {
		t.Errorf("signs %s with %q, want root 2 with %q", ceremonytest.Files(p), signers, want)
	}
	if got := p.Files[0].Path; got != "image/metadata/2.root.json" {
		t.Errorf("path is %s", got)
	}
	if p, err := s.Make(plan.Request{}); p != nil || err != nil {
		t.Errorf("after it: plan %v, %v, want nothing to do", p, err)
	}
}

func TestSupplier(t *testing.T) {
	s := ceremonytest.Supplied(t)
	_, err := s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Refused, "delegation brakes: nobody here holds its keys and there is no signed file of it")

	s.Write("image/metadata/1.brakes.json", ceremonytest.SupplierFile(t, 1, s.Now.Add(90*words.Day), "root-a"))
	_, err = s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Refused, "delegation brakes: image/metadata/1.brakes.json is not signed by the keys that trust.yaml lists\nhint: have it signed anew; while keys change, by the old ones and the new ones")

	s.Write("image/metadata/1.brakes.json", ceremonytest.SupplierFile(t, 1, s.Now.Add(90*words.Day), "supplier-a"))
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "targets 2, snapshot 2, timestamp 2" || p.Elsewhere != nil {
		t.Errorf("added: signs %s, elsewhere %v", ceremonytest.Files(p), p.Elsewhere)
	}
	s.Write("image/metadata/2.brakes.json", ceremonytest.SupplierFile(t, 2, s.Now.Add(5*words.Day), "supplier-a"))
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "snapshot 3, timestamp 3" {
		t.Errorf("new file of the supplier: signs %s", ceremonytest.Files(p))
	}
	s.Now = s.Now.Add(6 * words.Day)
	if p := s.MustMake(plan.Request{Renew: []string{"timestamp"}}); ceremonytest.Files(p) != "timestamp 4" || len(p.Suppliers) != 1 {
		t.Errorf("expired: signs %s, suppliers %v", ceremonytest.Files(p), p.Suppliers)
	}
	s.Edit(workspace.TrustFile, ceremonytest.SupplierDelegation, "", ceremonytest.SupplierKey(t), "")
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "targets 3, snapshot 4, timestamp 4" {
		t.Errorf("removed: signs %s", ceremonytest.Files(p))
	}
	if !strings.Contains(s.Read("image/metadata/4.snapshot.json"), `"brakes.json"`) {
		t.Error("snapshot does not list the removed delegation any more")
	}
}

// TestOwnDelegation adds a delegation whose key is here and has yet to be
// generated, changes its images, and removes it.
func TestOwnDelegation(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.Edit(workspace.TrustFile, "    roles:\n", "      maps-a: {type: ed25519, custodian: f}\n    roles:\n")
	const own = `    delegations:
      - {role: maps, keys: [maps-a], threshold: 1, paths: ["maps/*"], expires: 20d, images: maps.yaml}
`
	s.Write(workspace.TrustFile, s.Read(workspace.TrustFile)+own)
	s.Write("maps.yaml", ceremonytest.ImagesYAML("maps/1.bin"))
	s.Edit(workspace.SiteFile, "keys: {", "keys: {maps-a: all, ")
	p := s.MustMake(plan.Request{})
	if maps, targets := p.Files[0], p.Files[1]; maps.SHA256.IsZero() || !targets.SHA256.IsZero() || p.Steps[0].String() != "generate maps-a (ed25519)" {
		t.Errorf("maps has SHA-256 %q, targets %q, which lists a key that is not there yet; step 1 is %s", maps.SHA256, targets.SHA256, p.Steps[0])
	}
	s.AddKeys("maps-a")
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "maps 1, targets 2, snapshot 2, timestamp 2" || p.Files[0].Expires.Format(time.RFC3339) != "2026-12-13T05:00:00Z" {
		t.Errorf("added: signs %s, maps until %s", ceremonytest.Files(p), p.Files[0].Expires)
	}
	s.Write("maps.yaml", ceremonytest.ImagesYAML("maps/1.bin", "maps/2.bin"))
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "maps 2, snapshot 3, timestamp 3" {
		t.Errorf("changed: signs %s", ceremonytest.Files(p))
	}
	s.Edit(workspace.TrustFile, own, "", "      maps-a: {type: ed25519, custodian: f}\n", "")
	if p := s.CarryOut(plan.Request{}); ceremonytest.Files(p) != "targets 3, snapshot 4, timestamp 4" {
		t.Errorf("removed: signs %s", ceremonytest.Files(p))
	}
}

// TestStray puts a file in the folder that nobody delegates to.
func TestStray(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.Write("image/metadata/9.stray.json", ceremonytest.SupplierFile(t, 9, s.Now.Add(90*words.Day), "root-a"))
	if p, err := s.Make(plan.Request{}); p != nil || err != nil {
		t.Errorf("got plan %v, %v, want nothing to do", p, err)
	}
	s.CarryOut(plan.Request{Renew: []string{"targets"}})
	if text := s.Read("image/metadata/2.snapshot.json"); strings.Contains(text, "stray") {
		t.Errorf("snapshot lists it: %s", text)
	}
}

// TestSnapshotListsRoot renews root where another tool's snapshot states its
// version.
func TestSnapshotListsRoot(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	file, err := roles.Read(roles.TUF, roles.TypeSnapshot, []byte(s.Read("image/metadata/1.snapshot.json")))
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
	s.Write("image/metadata/2.snapshot.json", string(ceremonytest.Sealed(t, draft, "snapshot-a")))
	if p := s.CarryOut(plan.Request{Renew: []string{"root"}}); ceremonytest.Files(p) != "root 2, snapshot 3, timestamp 2" {
		t.Errorf("signs %s", ceremonytest.Files(p))
	}
	if text := s.Read("image/metadata/3.snapshot.json"); !strings.Contains(text, `"root.json":{"version":2}`) {
		t.Errorf("snapshot is %s", text)
	}
	if p, err := s.Make(plan.Request{}); p != nil || err != nil {
		t.Errorf("after it: plan %v, %v, want nothing to do", p, err)
	}
}

// TestOnline is a site whose timestamp key is with an online service.
func TestOnline(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Edit(workspace.SiteFile, ", timestamp-a: all", "")
	_, err := s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Refused, "keys.timestamp-a enters a role, but nobody vouches for it")
	s.Edit(workspace.TrustFile, "timestamp-a: {type: ed25519,", "timestamp-a: {type: ed25519, fingerprint: "+ceremonytest.Fingerprint(t, "timestamp-a")+",")
	p := s.CarryOut(plan.Request{})
	const want = "timestamp is signed elsewhere (timestamp-a): first version"
	if ceremonytest.Files(p) != "root 1, targets 1, snapshot 1" || len(p.Elsewhere) != 1 || p.Elsewhere[0].String() != want {
		t.Errorf("signs %s, elsewhere %v", ceremonytest.Files(p), p.Elsewhere)
	}
	_, err = s.Make(plan.Request{Renew: []string{"snapshot"}, Signers: []string{"root-a"}})
	ceremonytest.WantError(t, err, fault.Refused, "snapshot: the threshold of snapshot cannot be reached here; no key of it is held here, want 1")
}

func TestDeriveRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		edits   []string
		request plan.Request
		code    fault.Code
		want    string
	}{
		{"ECDSA in ota-ce", []string{"format: tuf", "format: ota-ce", "targets-a: {type: ed25519", "targets-a: {type: ecdsa-p256"}, plan.Request{},
			fault.Refused, "keys.targets-a.type cannot be used: format ota-ce has no ECDSA"},
		{"no such role", nil, plan.Request{Renew: []string{"brakes"}}, fault.Usage, "--renew brakes: no such role"},
		{"no such key", nil, plan.Request{Signers: []string{"root-z"}}, fault.Usage, "--signers root-z: no such key"},
		{"too few signers", nil, plan.Request{Signers: []string{"root-a"}}, fault.Refused, "root: the threshold of new root cannot be reached here; got 1 of 2 keys (root-a)\nhint: held here, but left out by --signers: root-b"},
		{"policy that is not there", []string{"policy: tuf", "policy: own.yaml"}, plan.Request{}, fault.Usage, "image.policy cannot be used: own.yaml"},
	} {
		s := ceremonytest.NewSoftware(t)
		if err := os.Remove(s.Path(workspace.KeyPath("targets-a"))); err != nil {
			t.Fatal(err)
		}
		s.Edit(workspace.TrustFile, tt.edits...)
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Make(tt.request)
			ceremonytest.WantError(t, err, tt.code, tt.want)
		})
	}
}

// TestSamePlan makes a plan twice from the same inputs, with all keys and with
// one that has yet to be generated.
func TestSamePlan(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.Write("own.yaml", "version: 1\nextends: tuf\n")
	s.Edit(workspace.TrustFile, "policy: tuf", "policy: own.yaml")
	encode := func() []byte {
		data, err := s.MustMake(plan.Request{Reason: "first"}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	complete := encode()
	if again := encode(); !bytes.Equal(complete, again) {
		t.Errorf("the same inputs make two plans:\n%s\n%s", complete, again)
	}
	p := s.MustMake(plan.Request{})
	for _, f := range p.Files {
		if known := f.Role == "root" || f.Role == "targets"; known == f.SHA256.IsZero() {
			t.Errorf("%s: SHA-256 is %q", f.Role, f.SHA256)
		}
	}
	policy := digest.Of([]byte(s.Read("own.yaml")))
	if !slices.Contains(p.Inputs, plan.Input{Path: "own.yaml", SHA256: policy}) {
		t.Errorf("inputs are %v, want the policy file among them", p.Inputs)
	}

	if err := os.Remove(s.Path(workspace.KeyPath("snapshot-a"))); err != nil {
		t.Fatal(err)
	}
	planned := encode()
	if again := encode(); !bytes.Equal(planned, again) {
		t.Errorf("the same inputs make two plans:\n%s\n%s", planned, again)
	}
	p = s.MustMake(plan.Request{})
	if first := p.Steps[0]; first.Do != plan.Generate || first.Key != "snapshot-a" {
		t.Errorf("step 1 is %s", first)
	}
	if root, targets := p.Files[0], p.Files[1]; !root.SHA256.IsZero() || targets.SHA256.IsZero() {
		t.Errorf("root has SHA-256 %q, targets %q; want that of targets only", root.SHA256, targets.SHA256)
	}
}

// TestSecondName finds a public key under a second name, which people would be
// shown in the place of the first.
func TestSecondName(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.Write("keys/zz.yaml", strings.Replace(s.Read("keys/root-a.yaml"), "name: root-a", "name: zz", 1))
	_, err := s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Refused, "keys/zz.yaml has the same public key as keys/root-a.yaml")
}

// TestDueElsewhere names what is due and cannot be signed here, and does the rest.
func TestDueElsewhere(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.Edit(workspace.TrustFile, "threshold: 2, expires: 365d", "threshold: 2, expires: 365d, renew: 360d")
	s.Edit(workspace.SiteFile, "root-b: all, ", "")
	s.Write("images.yaml", ceremonytest.ImagesYAML("other.bin"))
	s.Now = s.Now.Add(5 * words.Day)
	p := s.MustMake(plan.Request{})
	if got := ceremonytest.Files(p); got != "targets 2, snapshot 2, timestamp 2" {
		t.Errorf("signs %s", got)
	}
	if want := "[root is signed elsewhere (root-a, root-b): due for renewal]"; fmt.Sprint(p.Elsewhere) != want {
		t.Errorf("got %v, want %s", p.Elsewhere, want)
	}
	_, err := s.Make(plan.Request{Later: []string{"brakes"}})
	ceremonytest.WantError(t, err, fault.Usage, "--later brakes: no such role in repository image")
}

// TestGradual rotates the targets key so that the old targets file and the new one
// verify under each root that is published meanwhile.
func TestGradual(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.AddKeys("targets-b")
	s.Edit(workspace.SiteFile, "targets-a: all", "targets-a: all, targets-b: all")
	s.Edit(workspace.TrustFile, "targets-a: {type", "targets-b: {type", "keys: [targets-a]", "keys: [targets-b]")
	first := s.CarryOut(plan.Request{Gradual: true})
	if got := ceremonytest.Files(first); got != "root 2, targets 2, snapshot 2, timestamp 2" || fmt.Sprint(first.Then) != "[targets-a]" {
		t.Errorf("first: signs %s, then %v", got, first.Then)
	}
	second := s.CarryOut(plan.Request{Gradual: true})
	if got := ceremonytest.Files(second); got != "root 3" || second.Then != nil {
		t.Errorf("second: signs %s, then %v", got, second.Then)
	}
	read := func(name string, of roles.Type) *roles.File {
		file, err := roles.Read(roles.TUF, of, []byte(s.Read("image/metadata/"+name)))
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, tt := range []struct {
		root, targets string
		verifies      bool
	}{
		{"1.root.json", "1.targets.json", true},
		{"2.root.json", "1.targets.json", true}, {"2.root.json", "2.targets.json", true},
		{"3.root.json", "1.targets.json", false}, {"3.root.json", "2.targets.json", true},
	} {
		root := read(tt.root, roles.TypeRoot).Body.(*roles.Root)
		err := roles.CheckThreshold(read(tt.targets, roles.TypeTargets), *root.Role("targets"), root.Keys).Err()
		if err == nil != tt.verifies {
			t.Errorf("%s under %s: got %v", tt.targets, tt.root, err)
		}
	}
	if p, err := s.Make(plan.Request{Gradual: true}); p != nil || err != nil {
		t.Errorf("after it: plan %v, %v, want nothing to do", p, err)
	}
}
