package audit

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func TestStatus(t *testing.T) {
	signed := func(t *testing.T) *ceremonytest.Software { return ceremonytest.SignedSoftware(t) }
	for _, tt := range []struct {
		name    string
		make    func(*testing.T) *ceremonytest.Software
		after   time.Duration
		roles   []string
		waiting string // "" for nothing
	}{
		{"nothing signed", func(t *testing.T) *ceremonytest.Software { return ceremonytest.NewSoftware(t) }, 0, []string{
			"root - - needs 2 of 2", "targets - - needs 1 of 1", "snapshot - - needs 1 of 1", "timestamp - - needs 1 of 1",
		}, "image root is not signed yet; image targets is not signed yet; image snapshot is not signed yet; image timestamp is not signed yet"},
		{"all signed", signed, 0, []string{
			"root 1 2027-11-23 05:00Z root-a, root-b", "targets 1 2027-02-21 05:00Z targets-a",
			"snapshot 1 2026-12-23 05:00Z snapshot-a", "timestamp 1 2026-12-07 05:00Z timestamp-a",
		}, ""},
		{"last second before it is due", signed, 14*words.Day - 14*words.Day/10 - time.Second, nil, ""},
		{"due", signed, 14*words.Day - 14*words.Day/10, nil, "image timestamp is due, renew now: it expires on 2026-12-07 05:00Z"},
		{"last second", signed, 14*words.Day - time.Second, nil, "image timestamp is due, renew now: it expires on 2026-12-07 05:00Z"},
		{"overdue", signed, 14 * words.Day, nil, "image timestamp expired on 2026-12-07 05:00Z"},
		{"signed elsewhere", func(t *testing.T) *ceremonytest.Software {
			s := ceremonytest.NewSoftware(t)
			s.Edit(workspace.SiteFile, ", timestamp-a: all", "")
			s.Edit(workspace.TrustFile, "timestamp-a: {type: ed25519,", "timestamp-a: {type: ed25519, fingerprint: "+ceremonytest.Fingerprint(t, "timestamp-a")+",")
			s.CarryOut(plan.Request{})
			return s
		}, 0, []string{
			"root 1 2027-11-23 05:00Z root-a, root-b", "targets 1 2027-02-21 05:00Z targets-a",
			"snapshot 1 2026-12-23 05:00Z snapshot-a", "timestamp - - needs 1 of 1, elsewhere",
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.make(t)
			os.RemoveAll(s.Path("ceremonies")) // which nobody has held
			status, err := ReadStatus(s.Open(), s.Now.Add(tt.after))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range status.Repositories[0].Roles {
				got = append(got, fmt.Sprint(r.Role, " ", r.VersionText(), " ", r.ExpiresText(), " ", r.SignersText()))
			}
			if tt.roles != nil && !slices.Equal(got, tt.roles) {
				t.Errorf("got %q, want %q", got, tt.roles)
			}
			err = status.Waiting()
			if err != nil && tt.waiting == "" {
				t.Errorf("got %v, want nothing waiting", err)
			} else if tt.waiting != "" {
				ceremonytest.WantError(t, err, fault.Incomplete, tt.waiting)
			}
		})
	}
}

// TestStatusOfServer shows what is known of a server, who signed it, and what has
// become void.
func TestStatusOfServer(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.GiveToServer("snapshot-a", "timestamp-a")
	s.CarryOut(plan.Request{})
	check := func(waiting, due string, want ...string) {
		t.Helper()
		os.RemoveAll(s.Path("ceremonies")) // which nobody has held
		status, err := ReadStatus(s.Open(), s.Now)
		if err != nil {
			t.Fatal(err)
		}
		r := status.Repositories[0]
		for i, role := range []RoleStatus{r.Roles[2], r.Roles[3]} {
			if got := fmt.Sprint(role.Role, " ", role.VersionText(), " ", role.SignersText()); got != want[i] || role.Overdue {
				t.Errorf("got %s (overdue %v), want %s", got, role.Overdue, want[i])
			}
		}
		if got := fmt.Sprint(r.Server); got != due {
			t.Errorf("the server's part is %s, want %s", got, due)
		}
		if got := fmt.Sprint(status.Waiting()); got != waiting {
			t.Errorf("waiting: got %s, want %s", got, waiting)
		}
	}
	const must = "the server must sign "
	check("<nil>", "["+must+"the next snapshot over targets 1 with snapshot-a before publishing "+must+"the next timestamp over the next snapshot with timestamp-a before publishing]",
		"snapshot - needs 1 of 1, a server", "timestamp - needs 1 of 1, a server")
	s.Serve(7, 40)
	s.Now = s.Now.AddDate(0, 0, 3) // the server signs every day
	check("<nil>", "[]", "snapshot 7 snapshot-a, a server", "timestamp 40 timestamp-a, a server")
	s.Replace("snapshot-a", "snapshot-z")
	s.CarryOut(plan.Request{})
	check("image snapshot 7 is void, its keys were replaced", "["+must+"snapshot 8 with snapshot-z before publishing "+must+"timestamp 41 over snapshot 8 with timestamp-a before publishing]",
		"snapshot 7 snapshot-a, void", "timestamp 40 timestamp-a, a server")
	s.Serve(8, 41)
	check("<nil>", "[]", "snapshot 8 snapshot-z, a server", "timestamp 41 timestamp-a, a server")
}

// TestStatusUnderWay counts the steps that ended.
func TestStatusUnderWay(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	p, ws := s.MustMake(plan.Request{}), s.Open()
	status, err := ReadStatus(ws, s.Now)
	if err != nil || status.Open != nil || len(status.Planned) != 1 || status.Planned[0].Name != p.Ceremony {
		t.Errorf("a plan that never began: got %v, %v, %v", status.Open, status.Planned, err)
	}
	log, err := transcript.Open(ws.Folder, ceremonies.SiteDir(p.Ceremony, "main"), func() time.Time { return s.Now })
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for step, data := range []transcript.Data{transcript.Started{}, transcript.Generated{}} {
		if err := log.Append(step, transcript.ActorTool, data); err != nil {
			t.Fatal(err)
		}
	}
	if status, err = ReadStatus(ws, s.Now); err != nil {
		t.Fatal(err)
	}
	want := plan.Ceremony{Name: p.Ceremony, Repository: "image", Created: s.Now, Done: 1, Steps: len(p.Steps)}
	if !slices.Equal(status.Open, []plan.Ceremony{want}) || status.Planned != nil {
		t.Errorf("got %v and %v, want %v", status.Open, status.Planned, want)
	}
	if err := status.Waiting(); !strings.HasSuffix(fmt.Sprint(err), p.Ceremony+" is under way") || !slices.Equal(fault.Hints(err), []string{"continue it: keyrite run " + p.Ceremony}) {
		t.Errorf("got %v", err)
	}
}

// TestStatusLooks shows old metadata that nothing may be signed on top of, and what is
// of no use of a supplier.
func TestStatusLooks(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	os.RemoveAll(s.Path("ceremonies")) // which nobody has held
	s.Edit("image/metadata/1.targets.json", `"version":1}`, `"version":0}`)
	status, err := ReadStatus(s.Open(), s.Now)
	if err != nil || len(status.Repositories[0].Odd) != 1 || len(status.Repositories[0].Roles) != 4 {
		t.Fatalf("got %+v, %v", status, err)
	}
	ceremonytest.WantError(t, status.Waiting(), fault.Unverified, "image/metadata/1.targets.json: signed.version: got 0, want at least 1")

	s = supplied(t)
	os.RemoveAll(s.Path("ceremonies"))
	s.Write("image/metadata/1.maps.json", "{")
	status, err = ReadStatus(s.Open(), s.Now)
	if err != nil || len(status.Repositories[0].Lost) != 1 {
		t.Fatalf("got %+v, %v", status, err)
	}
	ceremonytest.WantError(t, status.Waiting(), fault.Incomplete, "image maps: image/metadata/1.maps.json: the file ends early")
}
