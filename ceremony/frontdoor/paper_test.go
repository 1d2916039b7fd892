package frontdoor

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/horizon"
	"github.com/uptane/keyrite/ceremony/page"
	"github.com/uptane/keyrite/roles"
)

// door is the page of a repository at a time, or after something was done to it.
func doorOf(t *testing.T, later time.Duration, change func(*ceremonytest.Software)) string {
	t.Helper()
	s := ceremonytest.SignedSoftware(t)
	if change != nil {
		change(s)
	}
	now := s.Now.Add(later)
	status, site, err := audit.ReadSite(audit.SiteRequest{Path: s.Path("image"), Now: now})
	if status == nil {
		t.Fatal(err)
	}
	h := horizon.OfSite(status, site, now)
	html, err := Paper(status, site, h).Web()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Paper(status, site, horizon.OfSite(status, site, now)).Web()
	if err != nil || !bytes.Equal(html, again) {
		t.Errorf("the same repository makes two pages: %v", err)
	}
	return string(html)
}

// TestPaper says first what clients would say.
func TestPaper(t *testing.T) {
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		later  time.Duration
		change func(*ceremonytest.Software)
		want   []string
	}{
		"good": {0, nil, []string{
			"Clients accept it. The first to expire is timestamp 1, on 2026-12-07, in 14 days.",
			"<title>Status of image</title>", "proves nothing", ">2 of 2</td>", "keyrite verify . --trusted-root metadata/1.root.json", "made with nothing but what is served here",
		}},
		"expired": {15 * day, nil, []string{"EXPIRED: timestamp 1. Clients refuse it until it is signed anew.", ", EXPIRED"}},
		"changed": {0, func(s *ceremonytest.Software) { s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin") }, []string{"CLIENTS REFUSE what is served here: "}},
	} {
		html := doorOf(t, tt.later, tt.change)
		for _, want := range tt.want {
			if !strings.Contains(html, want) {
				t.Errorf("%s: want %q in\n%s", name, want, html)
			}
		}
		for _, never := range []string{"<script", "href=", "src=", "http:", "https:", "url(", "@import"} {
			if strings.Contains(html, never) {
				t.Errorf("%s: has %s", name, never)
			}
		}
	}
}

// TestLost names suppliers whose files cannot be used, some of them.
func TestLost(t *testing.T) {
	repo := audit.RepositoryStatus{Name: "image", Roles: []audit.RoleStatus{{Role: "root", Version: 1}}}
	for i := range 12 {
		repo.Lost = append(repo.Lost, audit.LostFile{Role: fmt.Sprintf("s%d", i), State: audit.Unusable, Problem: &roles.Problem{Kind: roles.ProblemMissing, Text: "gone"}})
	}
	status := &audit.Status{Fleet: "roadster", Repositories: []audit.RepositoryStatus{repo}}
	d := door{&audit.Site{}, status, repo, &horizon.Horizon{}}
	if got, want := d.verdict(), "Clients accept it, but for what is delegated to s0, s1, s2, s3, s4, s5, s6, s7, 4 others."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	d.Server = []roles.Type{roles.TypeSnapshot, roles.TypeTimestamp}
	if got := d.verdict(); got != "Not complete: a server has yet to sign snapshot, timestamp." {
		t.Errorf("got %q", got)
	}
}

// TestMany leaves out rows that nobody reads, and says so.
func TestMany(t *testing.T) {
	table := &page.Table{}
	for range shown + 3 {
		table.Rows = append(table.Rows, []string{"x"})
	}
	if blocks := cut(table); len(table.Rows) != shown || len(blocks) != 2 || blocks[1].(*page.Text).Text != "And 3 more." {
		t.Errorf("got %d rows and %v", len(table.Rows), blocks)
	}
}
