package derive_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/roles"
)

// serverText is what a plan leaves to the server, shortly.
func serverText(p *plan.Plan) string {
	var list []string
	for _, due := range p.Server {
		text := strings.TrimPrefix(strings.TrimSuffix(due.String(), " before publishing"), "the server must sign ")
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

// TestServerFirst leaves to the server what it signs, from the first ceremony on.
func TestServerFirst(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	s.GiveToServer("snapshot-a", "timestamp-a")
	p := s.CarryOut(plan.Request{})
	if got, want := ceremonytest.Files(p)+": "+serverText(p), "root 1, targets 1: snapshot 1 over targets 1 with snapshot-a; timestamp 1 over snapshot 1 with timestamp-a"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestServer states what a server has to sign, and plans nothing of it: neither
// what it signs over new files nor what has expired.
func TestServer(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(s *ceremonytest.Software)
		want   string // empty: nothing to do
	}{
		"nothing":          {func(*ceremonytest.Software) {}, ""},
		"the server's day": {func(s *ceremonytest.Software) { s.Now = s.Now.Add(60 * 24 * time.Hour) }, ""},
		"a new image":      {func(s *ceremonytest.Software) { s.Write("images.yaml", ceremonytest.ImagesYAML("app.bin", "b.bin")) }, "targets 2: snapshot 8 over targets 2 with snapshot-a; timestamp 41 over snapshot 8 with timestamp-a"},
		"a root key": {func(s *ceremonytest.Software) {
			s.Write("trust.yaml", strings.ReplaceAll(s.Read("trust.yaml"), "root-b", "root-c"))
			s.AddKeys("root-c")
		}, "root 2: "},
		"the snapshot key":  {func(s *ceremonytest.Software) { s.Replace("snapshot-a", "snapshot-z") }, "root 2: snapshot 8 with snapshot-z; timestamp 41 over snapshot 8 with timestamp-a"},
		"the timestamp key": {func(s *ceremonytest.Software) { s.Replace("timestamp-a", "timestamp-z") }, "root 2: timestamp 41 with timestamp-z"},
		"never imported": {func(s *ceremonytest.Software) {
			s.Remove("image/metadata/7.snapshot.json", "image/metadata/timestamp.json")
			s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
		}, "targets 2: the next snapshot over targets 2 with snapshot-a; the next timestamp over the next snapshot with timestamp-a"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.HalfOffline(t)
			tt.change(s)
			p, err := s.Make(plan.Request{})
			if err != nil || (p == nil) != (tt.want == "") || p != nil && ceremonytest.Files(p)+": "+serverText(p) != tt.want {
				if p != nil {
					t.Errorf("got %s: %s", ceremonytest.Files(p), serverText(p))
				}
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestServerVoid goes on after the keys of the server were replaced, and again when
// it has signed with the new ones.
func TestServerVoid(t *testing.T) {
	s := ceremonytest.HalfOffline(t)
	s.Replace("snapshot-a", "snapshot-z")
	s.Replace("timestamp-a", "timestamp-z")
	s.CarryOut(plan.Request{})
	if p, err := s.Make(plan.Request{}); p != nil || err != nil {
		t.Errorf("afterwards: %v, %v, want nothing to do", p, err)
	}
	s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
	p := s.CarryOut(plan.Request{})
	if got, want := serverText(p), "snapshot 8 over targets 2 with snapshot-z; timestamp 41 over snapshot 8 with timestamp-z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.Serve(8, 41)
	if p, err := s.Make(plan.Request{}); p != nil || err != nil {
		t.Errorf("at last: %v, %v, want nothing to do", p, err)
	}
}

// TestServerFastForward begins anew where a thief has spent the versions: vehicles
// forget them with the keys.
func TestServerFastForward(t *testing.T) {
	s := ceremonytest.HalfOffline(t)
	s.Serve(1<<31-2, 1<<31-2)
	s.Replace("snapshot-a", "snapshot-z")
	s.Replace("timestamp-a", "timestamp-z")
	if got, want := serverText(s.MustMake(plan.Request{})), "snapshot 1 with snapshot-z; timestamp 1 over snapshot 1 with timestamp-z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestServerBehind refuses to go on from less than the server knows, by its good
// signature only.
func TestServerBehind(t *testing.T) {
	s := ceremonytest.HalfOffline(t)
	s.Write("images.yaml", ceremonytest.ImagesYAML("b.bin"))
	s.CarryOut(plan.Request{})
	s.Serve(8, 41)
	s.Remove("image/metadata/2.targets.json")
	_, err := s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Unverified, "targets.json: version is 1, but version 2 was signed already")
}

// TestVoidOfOthers builds on no void file but what a ceremony here signed.
func TestVoidOfOthers(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	s.Write("trust.yaml", strings.ReplaceAll(s.Read("trust.yaml"), "targets-a", "targets-z"))
	s.Write("site.yaml", strings.ReplaceAll(s.Read("site.yaml"), "targets-a", "targets-z"))
	s.AddKeys("targets-z")
	p := s.MustMake(plan.Request{})
	now, err := scene.Read(s.Open(), "image", s.Now)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := now.Draft(p.Files[0].Next())
	if err != nil {
		t.Fatal(err)
	}
	s.Write("image/metadata/2.root.json", string(ceremonytest.Sealed(t, draft.Bytes, "root-a", "root-b"))) // and then it stopped
	_, err = s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Unverified, "image/metadata/1.targets.json: its keys were replaced after root 1, and no ceremony here signed this file\nhint: restore the file from the last bundle")
}

// TestOnlineFlag takes a role for the server's that trust.yaml calls online, whoever
// has its keys, and wants them public.
func TestOnlineFlag(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	const snapshot, timestamp = "snapshot: {keys: [snapshot-a], threshold: 1, expires: 30d", "timestamp: {keys: [timestamp-a], threshold: 1, expires: 14d"
	s.Edit("trust.yaml", snapshot, snapshot+", online: true", timestamp, timestamp+", online: true")
	_, err := s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Usage, "roles.snapshot.online is true, but snapshot-a is a key of a custodian")
	for _, key := range []string{"snapshot-a", "timestamp-a"} {
		s.Declare(key, fmt.Sprintf("{public: keys/%s.yaml}", key))
	}
	p := s.MustMake(plan.Request{})
	if got := ceremonytest.Files(p); got != "root 1, targets 1" || len(p.Server) != 2 || p.Server[0].Role != roles.TypeSnapshot {
		t.Errorf("signs %s, leaves %v to the server", got, p.Server)
	}
	s.Edit("trust.yaml", "threshold: 2, expires: 365d", "threshold: 2, expires: 365d, online: true")
	_, err = s.Make(plan.Request{})
	ceremonytest.WantError(t, err, fault.Refused, "roles.root.online is true, but root is signed offline")
}
