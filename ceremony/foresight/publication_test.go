package foresight_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/simulate"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// TestSimulateDelegated has vehicles look at a supplier's file too. What snapshot states
// they take, whatever version of it they remember; what nobody can use is no vehicle's fault.
func TestSimulateDelegated(t *testing.T) {
	soon := func(s *ceremonytest.Software) time.Time { return s.Now.Add(5 * words.Day) }
	for name, tt := range map[string]struct {
		stage  func(t testing.TB) *ceremonytest.Software
		change func(s *ceremonytest.Software)
		want   string
		nobody string
	}{
		"nothing of it": {ceremonytest.Delivered, func(*ceremonytest.Software) {}, "come along", ""},
		"a new file": {ceremonytest.Delivered, func(s *ceremonytest.Software) {
			s.Write("image/metadata/2.brakes.json", ceremonytest.SuppliedImages(s.T, roles.TUF, 2, soon(s), []string{"brakes/1"}, "supplier-a"))
		}, "come along", ""},
		"a new file in the place of the old one": {func(t testing.TB) *ceremonytest.Software {
			s := ceremonytest.SuppliedInPlace(t)
			s.Write(ceremonytest.SupplierInPlace, ceremonytest.SuppliedImages(t, roles.OTACE, 1, s.Now.Add(90*words.Day), []string{"brakes/1"}, "supplier-a"))
			s.CarryOut(plan.Request{})
			old := s.Read(ceremonytest.SupplierInPlace)
			s.Write(signed.Replaced(ceremonytest.SupplierInPlace, digest.Of([]byte(old))), old)
			return s
		}, func(s *ceremonytest.Software) {
			s.Write(ceremonytest.SupplierInPlace, ceremonytest.SuppliedImages(s.T, roles.OTACE, 2, s.Now.Add(90*words.Day), []string{"brakes/1", "brakes/2"}, "supplier-a"))
		}, "come along, after waiting", ""},
		"an expired file": {ceremonytest.Delivered, func(s *ceremonytest.Software) { s.Now = s.Now.Add(6 * words.Day) }, "come along", "brakes: 1.brakes.json: signed.expires: "},
	} {
		t.Run(name, func(t *testing.T) {
			s := tt.stage(t)
			tt.change(s)
			p := s.MustMake(plan.Request{Renew: []string{"timestamp"}})
			clients := &simulate.Clients{Version: 1}
			for _, version := range []int64{1, 700} {
				clients.Vehicles = append(clients.Vehicles, simulate.Vehicles{
					Name: fmt.Sprint("with ", version), Count: 1, Kind: simulate.Full, Root: 1,
					Remembers: simulate.Versions{Timestamp: 2, Snapshot: 2, Targets: 2, Delegated: map[string]int64{"brakes": version}},
				})
			}
			r, err := derive.Simulate(s.Open(), p.Ceremony, clients)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range r.Fates {
				if want := fmt.Sprintf("full, root 1, timestamp 2, snapshot 2, targets 2, brakes %d", clients.Vehicles[i].Remembers.Delegated["brakes"]); f.Outcome() != tt.want || f.Class.String() != want {
					t.Errorf("%s: %s, %s; want %s: %s", f.Class, f.Outcome(), f.Problem, want, tt.want)
				}
			}
			var nobody []string
			for _, l := range r.Nobody {
				nobody = append(nobody, l.Role+": "+l.Problem.Text)
			}
			if text := strings.Join(nobody, "; "); (text == "") != (tt.nobody == "") || !strings.HasPrefix(text, tt.nobody) || !strings.Contains(r.Text(80).String(), "nobody can use delegated role") != (text == "") {
				t.Errorf("nobody can use %q, want %q", text, tt.nobody)
			}
		})
	}
}

// TestSimulateUnknownDelegate refuses vehicles that remember what nobody delegates.
func TestSimulateUnknownDelegate(t *testing.T) {
	s := ceremonytest.Delivered(t)
	p := s.MustMake(plan.Request{Renew: []string{"timestamp"}})
	_, err := derive.Simulate(s.Open(), p.Ceremony, &simulate.Clients{Version: 1, Vehicles: []simulate.Vehicles{
		{Name: "odd", Count: 1, Kind: simulate.Full, Root: 1, Remembers: simulate.Versions{Delegated: map[string]int64{"breaks": 1}}},
	}})
	ceremonytest.WantError(t, err, fault.Usage, "no file that is published delegates anything to a role breaks")
}

// beside adds a Director, whose server assigns an image of the Image repository to an ECU.
func beside(s *ceremonytest.Software, assigned string) {
	s.T.Helper()
	s.AddKeys("director-root", "director-online")
	s.Write(workspace.TrustFile, s.Read(workspace.TrustFile)+strings.Replace(ceremonytest.OnlineDirector, "ota-ce", "tuf", 1))
	root := roles.NewRoot(roles.TUF)
	for _, role := range roles.TopLevel {
		name := "director-online"
		if role == roles.TypeRoot {
			name = "director-root"
		}
		key, err := roles.NewKey(roles.TUF, ceremonytest.Key(name).Public())
		if err != nil {
			s.T.Fatal(err)
		}
		root.SetRole(string(role), 1, []roles.Key{key})
	}
	roles.SetHead(roles.TUF, root, 1, s.Now.Add(300*words.Day))
	draft, err := roles.Encode(roles.TUF, root)
	if err != nil {
		s.T.Fatal(err)
	}
	s.Write("director/metadata/1.root.json", string(ceremonytest.Sealed(s.T, draft, "director-root")))
	server := ceremonytest.Server{Dir: s.Path("director/metadata"), Format: roles.TUF, Now: s.Now}
	targets, err := server.Assignment(ceremonytest.Server{Dir: s.Path("image/metadata"), Format: roles.TUF, Now: s.Now}, assigned, "ecu-1", "hw")
	if err == nil {
		err = server.Sign(targets, 1, "director-online")
	}
	for _, t := range []roles.Type{roles.TypeSnapshot, roles.TypeTimestamp} {
		var body roles.Body
		if err == nil {
			body, err = server.Next(t)
		}
		if err == nil {
			err = server.Sign(body, 1, "director-online")
		}
	}
	if err != nil {
		s.T.Fatal(err)
	}
}

// TestSimulateDirector has vehicles hold the images that the Director assigns against the
// Image repository: who takes an assigned image out of that stops them.
func TestSimulateDirector(t *testing.T) {
	list := func(s *ceremonytest.Software, paths ...string) {
		s.Write("images.yaml", strings.ReplaceAll(ceremonytest.ImagesYAML(paths...), "    length: 10\n", "    length: 10\n    custom: {hardwareIds: [hw]}\n"))
	}
	for name, tt := range map[string]struct {
		change func(s *ceremonytest.Software)
		want   string
		alone  string
	}{
		"one more image": {func(s *ceremonytest.Software) { list(s, "app.bin", "b.bin") }, "come along", ""},
		"the assigned one goes": {func(s *ceremonytest.Software) { list(s, "b.bin") },
			"stuck: the Director and the Image repository do not agree: 1.targets.json: signed.targets.app.bin: the Image repository does not confirm it: ", ""},
		"for other hardware": {func(s *ceremonytest.Software) {
			s.Write("images.yaml", strings.Replace(s.Read("images.yaml"), "[hw]", "[other]", 1))
		}, `stuck: the Director and the Image repository do not agree: 1.targets.json: signed.targets.app.bin: ECU ecu-1 is hardware "hw"; `, ""},
		"a Director that has expired": {func(s *ceremonytest.Software) {
			list(s, "b.bin")
			s.Now = s.Now.Add(2 * words.Day)
		}, "come along", "timestamp.json: signed.expires: "},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.NewSoftware(t)
			list(s, "app.bin")
			s.CarryOut(plan.Request{})
			beside(s, "app.bin")
			tt.change(s)
			r, err := derive.Simulate(s.Open(), s.MustMake(plan.Request{}).Ceremony, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range r.Groups() {
				got := g.Outcome()
				if g.Problem != nil {
					got += ": " + g.Problem.Text
				}
				if disagrees := g.Problem != nil && g.Problem.Kind == roles.ProblemDisagree; disagrees != strings.Contains(tt.want, "do not agree") {
					t.Errorf("%s: got %+v, want %s", g.Vehicles(), g.Problem, tt.want)
				}
				if !strings.HasPrefix(got, tt.want) {
					t.Errorf("%s: got %s, want %s", g.Vehicles(), got, tt.want)
				}
			}
			if alone := r.Alone; (alone == nil) != (tt.alone == "") || alone != nil && (alone.Repository != "director" || alone.Problem.Kind != roles.ProblemExpired || !strings.HasPrefix(alone.Problem.Text, tt.alone)) {
				t.Errorf("alone: got %+v, want %q", alone, tt.alone)
			}
		})
	}
}
