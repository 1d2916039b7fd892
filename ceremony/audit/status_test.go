package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
			"root - - 2 of 2", "targets - - 1 of 1", "snapshot - - 1 of 1", "timestamp - - 1 of 1",
		}, "image root is not signed yet; image targets is not signed yet; image snapshot is not signed yet; image timestamp is not signed yet"},
		{"all signed", signed, 0, []string{
			"root 1 2027-11-23 05:00Z 2 of 2", "targets 1 2027-02-21 05:00Z 1 of 1",
			"snapshot 1 2026-12-23 05:00Z 1 of 1", "timestamp 1 2026-12-07 05:00Z 1 of 1",
		}, ""},
		{"last second", signed, 14*words.Day - time.Second, nil, ""},
		{"overdue", signed, 14 * words.Day, nil, "image timestamp expired on 2026-12-07 05:00Z"},
		{"signed elsewhere", func(t *testing.T) *ceremonytest.Software {
			s := ceremonytest.NewSoftware(t)
			s.Edit(workspace.SiteFile, ", timestamp-a: all", "")
			s.Edit(workspace.TrustFile, "timestamp-a: {type: ed25519,", "timestamp-a: {type: ed25519, fingerprint: "+ceremonytest.Fingerprint(t, "timestamp-a")+",")
			s.CarryOut(plan.Request{})
			return s
		}, 0, []string{
			"root 1 2027-11-23 05:00Z 2 of 2", "targets 1 2027-02-21 05:00Z 1 of 1",
			"snapshot 1 2026-12-23 05:00Z 1 of 1", "timestamp - - 1 of 1, elsewhere",
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.make(t)
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

// TestStatusUnderWay counts the steps that ended.
func TestStatusUnderWay(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	p, ws := s.MustMake(plan.Request{}), s.Open()
	status, err := ReadStatus(ws, s.Now)
	if err != nil || status.Open != nil || len(status.Planned) != 1 || status.Planned[0].Name != p.Ceremony {
		t.Errorf("a plan that never began: got %v, %v, %v", status.Open, status.Planned, err)
	}
	log, err := transcript.Open(ws.Folder, plan.SiteDir(p.Ceremony, "main"), func() time.Time { return s.Now })
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
	if err := status.Waiting(); !strings.HasSuffix(fmt.Sprint(err), p.Ceremony+" is under way") {
		t.Errorf("got %v", err)
	}
}
