package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func TestStatus(t *testing.T) {
	signed := func(t *testing.T) *software { return signedSoftware(t) }
	for _, tt := range []struct {
		name    string
		make    func(*testing.T) *software
		after   time.Duration
		roles   []string
		waiting string // "" for nothing
	}{
		{"nothing signed", newSoftware, 0, []string{
			"root - - 2 of 2", "targets - - 1 of 1", "snapshot - - 1 of 1", "timestamp - - 1 of 1",
		}, "image root is not signed yet; image targets is not signed yet; image snapshot is not signed yet; image timestamp is not signed yet"},
		{"all signed", signed, 0, []string{
			"root 1 2027-11-23 05:00Z 2 of 2", "targets 1 2027-02-21 05:00Z 1 of 1",
			"snapshot 1 2026-12-23 05:00Z 1 of 1", "timestamp 1 2026-12-07 05:00Z 1 of 1",
		}, ""},
		{"last second", signed, 14*words.Day - time.Second, nil, ""},
		{"overdue", signed, 14 * words.Day, nil, "image timestamp expired on 2026-12-07 05:00Z"},
		{"signed elsewhere", func(t *testing.T) *software {
			s := newSoftware(t)
			s.edit(workspace.SiteFile, ", timestamp-a: all", "")
			s.carryOut(plan.Request{})
			return s
		}, 0, []string{
			"root 1 2027-11-23 05:00Z 2 of 2", "targets 1 2027-02-21 05:00Z 1 of 1",
			"snapshot 1 2026-12-23 05:00Z 1 of 1", "timestamp - - 1 of 1, elsewhere",
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.make(t)
			status, err := ReadStatus(s.open(), s.now.Add(tt.after))
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
				wantError(t, err, fault.Incomplete, tt.waiting)
			}
		})
	}
}

// TestStatusUnderWay counts the steps that ended.
func TestStatusUnderWay(t *testing.T) {
	s := newSoftware(t)
	thePlan, ws := s.mustDerive(plan.Request{}), s.open()
	if _, _, err := plan.Write(ws, thePlan); err != nil {
		t.Fatal(err)
	}
	status, err := ReadStatus(ws, s.now)
	if err != nil || status.Open != nil {
		t.Errorf("a plan that never began: got %v, %v", status.Open, err)
	}
	theTranscript, err := transcript.Open(ws.Folder, thePlan.Dir(), func() time.Time { return s.now })
	if err != nil {
		t.Fatal(err)
	}
	defer theTranscript.Close()
	for step, kind := range []transcript.Kind{transcript.EventStarted, transcript.EventResult} {
		if err := theTranscript.Append(step, transcript.ActorTool, kind, transcript.NoteData{}); err != nil {
			t.Fatal(err)
		}
	}
	if status, err = ReadStatus(ws, s.now); err != nil {
		t.Fatal(err)
	}
	want := plan.Underway{Name: thePlan.Ceremony, Repository: "image", Done: 1, Steps: len(thePlan.Steps)}
	if !slices.Equal(status.Open, []plan.Underway{want}) {
		t.Errorf("got %v, want %v", status.Open, want)
	}
	if err := status.Waiting(); !strings.HasSuffix(fmt.Sprint(err), thePlan.Ceremony+" is under way") {
		t.Errorf("got %v", err)
	}
}

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                            "0 minutes",
		59 * time.Minute:             "59 minutes",
		time.Hour:                    "1 hour",
		48*time.Hour - 1:             "47 hours",
		48 * time.Hour:               "2 days",
		-3 * words.Day:               "expired 3 days ago",
		365*words.Day + 23*time.Hour: "365 days",
	} {
		if got := words.Span(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}
