package audit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
)

// site is a published folder of metadata.
func site(t *testing.T) (*ceremonytest.Software, SiteRequest) {
	t.Helper()
	s := ceremonytest.SignedSoftware(t)
	return s, SiteRequest{Path: s.Path("image"), Now: s.Now}
}

func TestReadSite(t *testing.T) {
	s, r := site(t)
	s.Now = s.Now.AddDate(0, 0, 1)
	s.Edit("trust.yaml", "root-b: {type: ed25519, custodian: b}", "root-c: {type: ed25519, custodian: b}", "keys: [root-a, root-b]", "keys: [root-a, root-c]")
	s.AddKeys("root-c")
	s.CarryOut(plan.Request{})
	status, site, err := ReadSite(r)
	if err != nil {
		t.Fatal(err)
	}
	repo := status.Repositories[0]
	var order []string
	for _, role := range repo.Roles {
		order = append(order, role.Role)
		if len(role.SignedBy) != role.Threshold || role.Overdue || len(role.Keys) < role.Threshold {
			t.Errorf("%+v", role)
		}
	}
	if want := []string{"root", "targets", "snapshot", "timestamp"}; !slices.Equal(order, want) || repo.Roles[0].Version != 2 || repo.Roles[1].Images != 1 || repo.Name != "image" {
		t.Errorf("got %q of %+v", order, repo)
	}
	if len(site.Roots) != 2 || site.Trusted.Version != 1 || site.Given || len(site.Roots[1].Signed) != 2 || site.Roots[1].Signed[0].By != "root 1" || site.Images != 1 || len(site.Files) != 3 {
		t.Errorf("got %+v", site)
	}
	if err := status.Waiting(); err != nil {
		t.Error(err)
	}

	r.TrustedRoot = s.Path("image/metadata/2.root.json")
	if _, site, err = ReadSite(r); err != nil || len(site.Roots) != 1 || site.Trusted.Version != 2 || !site.Given {
		t.Errorf("from root 2: %+v, %v", site, err)
	}
}

// TestReadSiteLater sees what expires, and does not stop there.
func TestReadSiteLater(t *testing.T) {
	_, r := site(t)
	r.Now = r.Now.AddDate(0, 0, 15)
	status, site, err := ReadSite(r)
	if err != nil {
		t.Fatal(err)
	}
	last := status.Repositories[0].Roles[3]
	if last.Role != "timestamp" || !last.Overdue || site.Unverified != "" {
		t.Errorf("got %+v, %+v", last, site)
	}
	err = status.Waiting()
	ceremonytest.WantError(t, err, fault.Incomplete, "image timestamp expired on 2026-12-07")
	if report := fault.ReportOf(err); len(report.Hints) > 0 {
		t.Errorf("hints that only a workspace can follow: %q", report.Hints)
	}
}

// TestReadSiteRefuses tells what it has seen of a repository that clients refuse.
func TestReadSiteRefuses(t *testing.T) {
	s, r := site(t)
	s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin")
	status, site, err := ReadSite(r)
	ceremonytest.WantError(t, err, fault.Unverified, "1.targets.json: ")
	if !strings.Contains(site.Unverified, "1.targets.json") || len(status.Repositories[0].Roles) != 3 {
		t.Errorf("got %+v of %+v", site, status)
	}
	_, _, err = ReadSite(SiteRequest{Path: t.TempDir(), Now: s.Now})
	ceremonytest.WantError(t, err, fault.Unverified, "there is no root metadata")
	_, _, err = ReadSite(SiteRequest{Path: filepath.Join(t.TempDir(), "no"), Now: s.Now})
	ceremonytest.WantError(t, err, fault.Usage, "no such file")
	_, _, err = ReadSite(SiteRequest{Path: r.Path, TrustedRoot: s.Path("trust.yaml"), Now: s.Now})
	ceremonytest.WantError(t, err, fault.Unverified, "trust.yaml")
}

// TestReadSiteSupplier goes on without a supplier's file that is gone.
func TestReadSiteSupplier(t *testing.T) {
	s, r := site(t)
	s.AddKeys("supplier-a")
	s.Edit("trust.yaml", "    roles:\n", "      supplier-a: {public: keys/supplier-a.yaml, fingerprint: "+ceremonytest.Fingerprint(t, "supplier-a")+"}\n    roles:\n")
	s.Write("trust.yaml", s.Read("trust.yaml")+"    delegations:\n      - {role: brakes, keys: [supplier-a], threshold: 1, paths: [\"brakes/*\"], expires: 90d}\n")
	s.Write("image/metadata/1.brakes.json", ceremonytest.SupplierFile(t, 1, s.Now.AddDate(0, 1, 0), "supplier-a"))
	s.CarryOut(plan.Request{})
	status, _, err := ReadSite(r)
	if err != nil || status.Repositories[0].Roles[2].Role != "brakes" || status.Repositories[0].Roles[2].Threshold != 1 || len(status.Repositories[0].Roles[2].Keys) != 1 {
		t.Fatalf("%+v, %v", status, err)
	}
	if err := os.Remove(s.Path("image/metadata/1.brakes.json")); err != nil {
		t.Fatal(err)
	}
	status, site, err := ReadSite(r)
	if err != nil || len(site.Lost) != 1 || len(status.Repositories[0].Lost) != 1 || status.Repositories[0].Lost[0].State != Unusable {
		t.Fatalf("%+v, %+v, %v", status, site, err)
	}
	ceremonytest.WantError(t, status.Waiting(), fault.Incomplete, "image brakes: ")
}
