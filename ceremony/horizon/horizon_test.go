package horizon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/audit"
	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// horizonOf is what falls due of a workspace, that long after it began.
func horizonOf(t *testing.T, s *ceremonytest.Software, after time.Duration) *Horizon {
	t.Helper()
	ws, now := s.Open(), ceremonytest.Now.Add(after)
	status, err := audit.ReadStatus(ws, now)
	if err != nil {
		t.Fatal(err)
	}
	h, err := Of(ws, status, now)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// signed is a repository that was signed in a ceremony of which only the plan is left.
func signed(t *testing.T) *ceremonytest.Software {
	s := ceremonytest.SignedSoftware(t)
	os.RemoveAll(s.Path("ceremonies"))
	return s
}

func (i Item) line() string {
	return fmt.Sprintf("%s %s %s: %s: %s", i.By.Format(time.DateOnly), i.In, i.Mark, i.What, i.Command)
}

// TestItems puts what falls due into its order, and marks it.
func TestItems(t *testing.T) {
	const timestamp = "renew image timestamp 1: keyrite plan image --renew timestamp"
	for _, tt := range []struct {
		after time.Duration
		first string
	}{
		{0, "2026-12-05 12 days 30 days: " + timestamp},
		{6 * words.Day, "2026-12-05 6 days 7 days: " + timestamp},
		{12 * words.Day, "2026-12-05 14 hours 1 day: " + timestamp},
		{13 * words.Day, "2026-12-05 now now: " + timestamp},
		{14 * words.Day, "2026-12-05 now expired: " + timestamp},
	} {
		h := horizonOf(t, signed(t), tt.after)
		if got := h.Items[0].line(); got != tt.first || len(h.Items) != 4 {
			t.Errorf("got %s, want %s", got, tt.first)
		}
	}
	h := horizonOf(t, signed(t), 0)
	if got := h.Items[3].line(); got != "2027-11-09 351 days later: renew image root 1: keyrite plan image --renew root" {
		t.Errorf("got %s", got)
	}
	h = horizonOf(t, ceremonytest.NewSoftware(t), 0)
	if got := h.Items[0].line(); got != "2026-11-23 now now: sign image for the first time: keyrite plan image" || len(h.Items) != 1 {
		t.Errorf("got %s", got)
	}
	if n := h.Next[0]; n.Title() != "now: sign all of image" || len(n.Need) != 4 || n.Command != "keyrite plan image" {
		t.Errorf("got %+v", n)
	}
}

// TestDrill is due a year after the first ceremony, and a year after the last drill.
func TestDrill(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	last := func() Item {
		h := horizonOf(t, s, 0)
		return h.Items[len(h.Items)-1]
	}
	if got := last().line(); got != "2027-11-23 364 days later: backup drill: keyrite backup -o FILE && keyrite drill FILE" {
		t.Errorf("got %s", got)
	}
	log, err := transcript.Open(s.Open().Folder, transcript.CustodyOf("main"), func() time.Time { return ceremonytest.Now.AddDate(0, 6, 0) })
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := log.Append(0, transcript.ActorTool, transcript.Drilled{Files: 3}); err != nil {
		t.Fatal(err)
	}
	if got := last(); got.By.Format(time.DateOnly) != "2028-05-22" {
		t.Errorf("got %s", got.line())
	}
	os.RemoveAll(s.Path("ceremonies")) // which nobody has held
	status, err := audit.ReadStatus(s.Open(), ceremonytest.Now.AddDate(2, 0, 0))
	if err != nil || !strings.Contains(fmt.Sprint(status.Waiting()), "no backup was restored for trial since 2027-05-23") {
		t.Errorf("got %v, %v", err, status.Waiting())
	}
}

// TestGatherings says whose signatures each ceremony needs: targets take snapshot and
// timestamp with them, and a root that changes the keys of the one before it.
func TestGatherings(t *testing.T) {
	s := signed(t)
	s.Edit(workspace.TrustFile, "root-b: {type: ed25519, custodian: b}", "root-c: {type: ed25519, custodian: c}", "keys: [root-a, root-b]", "keys: [root-a, root-c]",
		"fleet: test\n", "fleet: test\npeople: {administrator: 1, witnesses: 2}\n", "threshold: 1, expires: 14d}", "threshold: 1, expires: 30d}")
	s.Edit(workspace.SiteFile, "root-c: all, ", "")
	s.Write(workspace.PeopleFile, "version: 1\npeople: [{part: a, name: Ada}, {part: administrator, name: Alan}]\n")
	var got []string
	for _, n := range horizonOf(t, s, 0).Next {
		got = append(got, n.Title(), n.Command)
		for _, need := range n.Need {
			got = append(got, fmt.Sprintf("%s %d of %v", need.Of, need.Threshold, need.From))
		}
		got = append(got, fmt.Sprint(n.Besides))
	}
	const besides = "[Alan (administrator) 2 × internal witness]"
	want := []string{
		"by 2026-12-04, in 11 days: renew timestamp of image", "keyrite plan image --renew timestamp", "timestamp 1 of [e: token all, key timestamp-a]", besides,
		"by 2026-12-20, in 27 days: renew snapshot of image", "keyrite plan image --renew snapshot", "snapshot 1 of [d: token all, key snapshot-a]", "timestamp 1 of [e: token all, key timestamp-a]", besides,
		"by 2027-02-12, in 81 days: renew targets of image", "keyrite plan image --renew targets", "targets 1 of [c: token all, key targets-a]",
		"snapshot 1 of [d: token all, key snapshot-a]", "timestamp 1 of [e: token all, key timestamp-a]", besides,
		"by 2027-11-09, in 351 days: renew root of image", "keyrite plan image --renew root",
		"previous root 2 of [Ada (a): token all, key root-a custodian of root-b: token all, key root-b]",
		"root 2 of [Ada (a): token all, key root-a c: key root-c, of another site]", besides,
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("got %s\nwant %s", a, b)
	}
}

// TestTenure counts from when nobody else had the part any more.
func TestTenure(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	p := s.MustMake(plan.Request{})
	at := ceremonytest.Now
	log, err := transcript.Open(s.Open().Folder, ceremonies.SiteDir(p.Ceremony, "main"), func() time.Time { at = at.Add(words.Day); return at })
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, name := range []string{"Ada", "Ben", "Ada", "Ada"} {
		if err := log.Append(0, transcript.ActorPerson, transcript.Arrived{Part: "a", Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	parts, err := tenures(s.Open())
	if want := (tenure{"Ada", ceremonytest.Now.Add(3 * words.Day)}); err != nil || parts["a"] != want {
		t.Errorf("got %v, %v, want %v", parts, err, want)
	}
	if got := (Key{Custodian: "a", Person: "Ada", Since: at}).Custody(); got != "Ada (a) since 2026-11-27" {
		t.Errorf("got %s", got)
	}
}

// TestKeys says how old a key of a token is, and what is known against the token.
func TestKeys(t *testing.T) {
	repo := &workspace.Repository{Name: "image", Keys: map[string]workspace.KeyDecl{"root-a": {Custodian: "a"}}, Roles: map[string]workspace.RoleDecl{"root": {Keys: []string{"root-a"}}}}
	r := &workspace.KeyRecord{Name: "root-a", Type: "rsa-3072", Created: ceremonytest.Now, Token: &workspace.TokenRecord{Model: "YubiKey YK4", Manufacturer: "Yubico", Firmware: "4.34", Serial: "7"}}
	k := keyOf(repo, r, map[string]tenure{"a": {"Ada", ceremonytest.Now}}, ceremonytest.Now.AddDate(2, 0, 0))
	if k.Age != "731 days" || k.Person != "Ada" || !k.Broken || !strings.Contains(fmt.Sprint(k.Advisories), "ROCA") || k.Token != "YubiKey YK4, serial 7" || fmt.Sprint(k.Roles) != "[root]" {
		t.Errorf("got %+v", k)
	}
}

// TestBar draws the line of a terminal.
func TestBar(t *testing.T) {
	h := &Horizon{At: ceremonytest.Now}
	for _, tt := range []struct {
		by, expires int // days
		want        string
	}{
		{7, 30, "===|====|!!!!!!!|       |           |   "},
		{0, 365, "!!!|!!!!|!!!!!!!|!!!!!!!|!!!!!!!!!!!|   "},
		{-5, -1, "   |    |       |       |           |   "},
		{400, -1, "===|====|=======|=======|===========|   "},
	} {
		i := Item{By: h.At.AddDate(0, 0, tt.by), Expires: h.At.AddDate(0, 0, tt.expires)}
		if got := h.Bar(i, 40); got != tt.want {
			t.Errorf("%v\ngot  %q\nwant %q", tt, got, tt.want)
		}
	}
	if got := Scale(40); got != "now     7d      30d     90d         365d" {
		t.Errorf("got %q", got)
	}
}

// TestPaper has the timeline, and who must come.
func TestPaper(t *testing.T) {
	h := horizonOf(t, signed(t), 0)
	h.Keys = []Key{{Name: "root-a", Age: "1 day", Token: "soft", Advisories: []string{"weak"}}}
	html, err := h.Paper().HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{paperMark, "<svg", "30 d", "Next: renew image timestamp 1 by 2026-12-05, in 12 days.", "e: token all, key timestamp-a", "keyrite plan image --renew root", "root-a: weak"} {
		if !strings.Contains(string(html), want) {
			t.Errorf("it lacks %q", want)
		}
	}
}

// TestReplace replaces what a status wrote, and nothing else.
func TestReplace(t *testing.T) {
	h, name := &Horizon{Fleet: "test"}, filepath.Join(t.TempDir(), "file")
	for _, data := range [][]byte{h.Calendar(), h.Calendar()} {
		if err := Replace(name, data); err != nil {
			t.Fatal(err)
		}
	}
	ceremonytest.WantError(t, Replace(name, h.Metrics()), fault.Usage, name+" is there, and status did not write it")
	if got := ceremonytest.Content(t, name); got != string(h.Calendar()) {
		t.Errorf("got %s", got)
	}
}
