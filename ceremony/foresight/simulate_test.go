package foresight_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/simulate"
)

// outcomes are what a simulation says of each group.
func outcomes(t *testing.T, s *ceremonytest.Software, p *plan.Plan, clients *simulate.Clients) (lines []string) {
	t.Helper()
	r, err := derive.Simulate(s.Open(), p.Ceremony, clients)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range r.Groups() {
		lines = append(lines, g.Vehicles()+": "+g.Outcome())
	}
	return lines
}

// asDirector makes the repository a Director whose targets key lies here.
func asDirector(s *ceremonytest.Software) {
	s.Write("trust.yaml", strings.Replace(s.Read("trust.yaml"), "policy: tuf", "policy: director.yaml", 1))
	s.Write("director.yaml", "version: 1\nextends: tuf\nroles: {targets: {custody: online}}\nloosen: [{check: TARGETS-CUSTODY, reason: test, person: test}]\n")
}

// rename puts a key with a token in the place of another.
func rename(s *ceremonytest.Software, pairs ...string) {
	for _, file := range []string{"trust.yaml", "site.yaml"} {
		s.Write(file, strings.NewReplacer(pairs...).Replace(s.Read(file)))
	}
}

// TestSimulate walks fleets through plans, of which the files are not signed yet and
// some of the keys are not there yet.
func TestSimulate(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(s *ceremonytest.Software)
		request plan.Request
		want    []string
	}{
		"renewal": {func(*ceremonytest.Software) {}, plan.Request{Renew: []string{"timestamp"}}, []string{"full verification and root 1: come along"}},
		"root": {func(s *ceremonytest.Software) {
			rename(s, "  root-b:", "  root-z:", "[root-a, root-b]", "[root-a, root-z]", "{root-a: all,", "{root-a: all, root-z: all,")
		}, plan.Request{},
			[]string{"full verification and root 1 to 2: come along"}},
		"online keys": {func(s *ceremonytest.Software) {
			rename(s, "snapshot-a", "snapshot-z", "timestamp-a", "timestamp-z")
		}, plan.Request{}, []string{"full verification and root 1: come along, after waiting", "full verification and root 2: come along"}},
		"a Director's targets": {func(s *ceremonytest.Software) {
			asDirector(s)
			rename(s, "targets-a", "targets-b")
		}, plan.Request{}, []string{
			"full verification and root 1: come along, after waiting", "partial verification and root 1, targets 1: stuck, need a workshop",
			"full verification and root 2: come along", "partial verification and root 2: come along",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			tt.change(s)
			p := s.MustMake(tt.request)
			if got := outcomes(t, s, p, nil); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			found := strings.Contains(fmt.Sprint(p.Findings), "VEHICLES-FOLLOW warning: repositories.image is leaving behind vehicles with partial verification and root 1, targets 1 (2.targets.json: signatures: 0 of 1")
			if stuck := strings.Contains(fmt.Sprint(tt.want), "stuck"); found != stuck {
				t.Errorf("stuck %v, findings %v", stuck, p.Findings)
			}
		})
	}
}

// TestSimulateFirst has vehicles come from the factory with a root that is yet to be
// signed.
func TestSimulateFirst(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	if got := outcomes(t, s, s.MustMake(plan.Request{}), nil); !slices.Equal(got, []string{"full verification and root 1: come along"}) {
		t.Errorf("got %q", got)
	}
}

// TestSimulateServer lets a server sign what the plan leaves to it. Vehicles whose
// versions a thief has spent forget them with the keys.
func TestSimulateServer(t *testing.T) {
	s := ceremonytest.HalfOffline(t)
	s.Serve(1<<30, 1<<30)
	clients := &simulate.Clients{Version: 1, Vehicles: []simulate.Vehicles{
		{Name: "misled", Count: 7, Kind: simulate.Full, Root: 1, Remembers: simulate.Versions{Timestamp: 1 << 30, Snapshot: 1 << 30, Targets: 1}},
	}}
	s.Replace("snapshot-a", "snapshot-z")
	s.Replace("timestamp-a", "timestamp-z")
	p := s.MustMake(plan.Request{})
	if got, want := outcomes(t, s, p, clients), []string{"misled, full verification and root 1, timestamp 1073741824, snapshot 1073741824, targets 1: come along, after waiting"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSimulateAges remembers what ceremonies have replaced.
func TestSimulateAges(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	first := s.Read("image/metadata/timestamp.json")
	p := s.CarryOut(plan.Request{Renew: []string{"targets"}})
	s.Write("ceremonies/"+p.Ceremony+"/main/replaced/timestamp.json", first)
	s.Now = s.Now.AddDate(0, 0, 1)
	p = s.MustMake(plan.Request{Renew: []string{"timestamp"}})
	r, err := derive.Simulate(s.Open(), p.Ceremony, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Fates {
		got = append(got, f.Class.String())
	}
	if want := []string{"full, root 1", "full, root 1, timestamp 2, snapshot 2, targets 2", "full, root 1, timestamp 1, snapshot 1, targets 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
