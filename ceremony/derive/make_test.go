package derive_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/ceremonies"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/derive"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// Whoever plans at once gets a number of their own.
func TestPlannersAtOnce(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	const planners = 4
	names := make([]string, planners)
	var group sync.WaitGroup
	for i := range planners {
		group.Go(func() {
			p, err := s.Make(plan.Request{Reason: fmt.Sprint(i)})
			if err != nil {
				t.Error(err)
				return
			}
			names[i] = p.Ceremony
		})
	}
	group.Wait()
	slices.Sort(names)
	for i, name := range names {
		if want := fmt.Sprintf("2026-11-23-image-%d", i+1); name != want {
			t.Errorf("got %q, want each of 1 to %d once", names, planners)
		}
	}
}

// A plan of the same content is no second plan, as long as it is young.
func TestSameAs(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	start := s.Now.Add(2 * time.Hour) // the keys are older
	s.Now = start
	first := s.MustMake(plan.Request{Reason: "a"})
	for _, tt := range []struct {
		name    string
		request plan.Request
		after   time.Duration
		same    bool
	}{
		{"at once", plan.Request{Reason: "a"}, 0, true},
		{"an hour later", plan.Request{Reason: "a"}, time.Hour, true},
		{"an hour before", plan.Request{Reason: "a"}, -time.Hour, false},
		{"another reason", plan.Request{Reason: "b"}, 0, false},
		{"two days later", plan.Request{Reason: "a"}, 48 * time.Hour, false},
	} {
		s.Now = start.Add(tt.after)
		made, err := derive.Make(s.Open(), plan.Request{Repository: "image", Reason: tt.request.Reason, Now: s.Now})
		if err != nil {
			t.Fatal(err)
		}
		if made.SameAs != tt.same || made.SameAs && made.Plan.Ceremony != first.Ceremony {
			t.Errorf("%s: got %s, same as: %v", tt.name, made.Plan.Ceremony, made.SameAs)
		}
		if data := s.Read(filepath.Join(made.Plan.Dir(), "plan.yaml")); data == "" {
			t.Errorf("%s: no plan there", tt.name)
		}
	}
}

// The whole list of changes lies beside the plan, which pins it.
func TestChanges(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	var paths []string
	for i := range 1000 {
		paths = append(paths, fmt.Sprintf("a/%04d.bin", i))
	}
	s.Write("images.yaml", ceremonytest.ImagesYAML(paths...))
	p := s.MustMake(plan.Request{})
	if info, err := os.Stat(s.Path(p.Dir() + "/plan.yaml")); err != nil || info.Size() > 20_000 {
		t.Errorf("the plan has %d bytes, %v", info.Size(), err)
	}
	changes, err := plan.ReadChanges(s.Open(), p)
	if err != nil || len(changes) != p.Changes.Count || len(changes) < 1000 || len(p.Changes.First) != 20 {
		t.Errorf("got %d changes of %d, %v", len(changes), p.Changes.Count, err)
	}
	if !slices.Equal(changes[:20], p.Changes.First) {
		t.Errorf("the plan begins with %v", p.Changes.First)
	}
	ceremonytest.Rewrite(t, s.Dir, p.Dir()+"/changes.jsonl", func(text string) string { return text[:len(text)-1] })
	_, err = plan.ReadChanges(s.Open(), p)
	ceremonytest.WantError(t, err, fault.Unverified, "changes.jsonl has changed since the plan was made")
}

func TestName(t *testing.T) {
	const name = "2026-11-23-image-1"
	for _, given := range []string{name, "ceremonies/" + name, "ceremonies/" + name + "/", "ceremonies/" + name + "/plan.yaml", name + "/plan.yaml", "./" + name} {
		if got, err := ceremonies.Name(given); got != name || err != nil {
			t.Errorf("%s: got %s, %v", given, got, err)
		}
	}
	for _, given := range []string{"", "plan.yaml", "image", "../" + name, "elsewhere/" + name, workspace.TrustFile, "2026-11-23-image-0", "2026-11-23-Image-1"} {
		if got, err := ceremonies.Name(given); err == nil {
			t.Errorf("%s: got %s", given, got)
		}
	}
}

// A key that is yet to be generated looks the same each time that a plan is
// derived, and like nobody else's.
func TestStandIn(t *testing.T) {
	for _, kind := range []string{"ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096"} {
		s := ceremonytest.NewSoftware(t)
		for _, key := range []string{"root-b", "root-a"} {
			if err := os.Remove(s.Path(workspace.KeyPath(key))); err != nil {
				t.Fatal(err)
			}
			s.Edit(workspace.TrustFile, key+": {type: ed25519", key+": {type: "+kind)
		}
		one, two := s.MustMake(plan.Request{Reason: "a"}), s.MustMake(plan.Request{Reason: "b"})
		if one.Changes.SHA256 != two.Changes.SHA256 || one.Steps[0].Key == one.Steps[1].Key {
			t.Errorf("%s: %v and %v", kind, one.Changes, two.Changes)
		}
	}
}

// A key of a type that signs and is not generated has to be there.
func TestKeyOfATypeThatIsNotGenerated(t *testing.T) {
	s := ceremonytest.NewSoftware(t)
	if err := os.Remove(s.Path(workspace.KeyPath("root-a"))); err != nil {
		t.Fatal(err)
	}
	s.Edit(workspace.TrustFile, "root-a: {type: ed25519", "root-a: {type: rsa-2048")
	_, err := s.Make(plan.Request{Reason: "a"})
	if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "keys.root-a.type is of a key that does not exist yet") {
		t.Errorf("got %v", err)
	}
}
