package derive_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/scene"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// TestLostSupplier renews a fleet's timestamp whatever has become of one supplier's
// file, names the supplier, and leaves in snapshot what is published of it.
func TestLostSupplier(t *testing.T) {
	const published = `"brakes.json":{"hashes":`
	file := func(t *testing.T, s *ceremonytest.Software, version int64, key string, paths ...string) {
		s.Write("image/metadata/2.brakes.json", ceremonytest.SuppliedImages(t, roles.TUF, version, s.Now.Add(5*words.Day), paths, key))
	}
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, s *ceremonytest.Software)
		want   string // the supplier in one line
	}{
		{"expired", func(_ *testing.T, s *ceremonytest.Software) { s.Now = s.Now.Add(6 * words.Day) },
			"image/metadata/1.brakes.json expired on 2026-11-28T05:00:00Z"},
		{"missing", func(_ *testing.T, s *ceremonytest.Software) { s.Remove("image/metadata/1.brakes.json") },
			"image/metadata/1.brakes.json: the file is missing; version 1 of it was signed already"},
		{"cut off", func(_ *testing.T, s *ceremonytest.Software) { s.Write("image/metadata/1.brakes.json", "{") },
			"image/metadata/1.brakes.json: the file ends early"},
		{"signed by a stranger", func(t *testing.T, s *ceremonytest.Software) { file(t, s, 2, "root-a") },
			"image/metadata/2.brakes.json: 0 of 1 signatures that role brakes needs"},
		{"under another version", func(t *testing.T, s *ceremonytest.Software) { file(t, s, 1, "supplier-a") },
			"image/metadata/2.brakes.json: version is 1, which lies in 1.brakes.json"},
		{"changed under its version", func(t *testing.T, s *ceremonytest.Software) {
			s.Write("image/metadata/1.brakes.json", ceremonytest.SuppliedImages(t, roles.TUF, 1, s.Now.Add(5*words.Day), []string{"brakes/x"}, "supplier-a"))
		}, "image/metadata/1.brakes.json: version 1 is published with other content; want that file, or version 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := ceremonytest.Delivered(t)
			stated := ceremonytest.LineOf(s.Read("image/metadata/2.snapshot.json"), published)
			s.Now = s.Now.Add(words.Day)
			tt.change(t, s)
			p := s.CarryOut(plan.Request{Renew: []string{"snapshot", "timestamp"}})
			if ceremonytest.Files(p) != "snapshot 3, timestamp 3" || p.Elsewhere != nil || len(p.Suppliers) != 1 {
				t.Fatalf("signs %s, elsewhere %v, suppliers %v", ceremonytest.Files(p), p.Elsewhere, p.Suppliers)
			}
			warning := "warning: no client installs what is delegated to brakes (brakes/*): "
			if _, err := os.Stat(s.Path("image/metadata/2.brakes.json")); err == nil {
				warning = "warning: a new file of brakes is passed over, the one that is published stays: "
			}
			if got := p.Suppliers[0].String(); !strings.HasPrefix(got, warning+tt.want) {
				t.Errorf("got %s, want %s", got, warning+tt.want)
			}
			if now := ceremonytest.LineOf(s.Read("image/metadata/3.snapshot.json"), published); now != stated {
				t.Errorf("snapshot states %s, want %s as before", now, stated)
			}
		})
	}
}

// TestUndelivered goes on with a delegation that is signed and has no file yet, which
// is how the servers of OTA Community Edition begin one.
func TestUndelivered(t *testing.T) {
	s := ceremonytest.Supplied(t)
	name := "image/metadata/1.brakes.json"
	s.Write(name, ceremonytest.SupplierFile(t, 1, s.Now.Add(90*words.Day), "supplier-a"))
	p := s.MustMake(plan.Request{})
	now, err := scene.Read(s.Open(), "image", s.Now)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := now.Draft(p.Files[0].Next())
	if err != nil {
		t.Fatal(err)
	}
	s.Write(p.Files[0].Path, string(ceremonytest.Sealed(t, draft.Bytes, "targets-a")))
	s.Remove(name)
	p = s.CarryOut(plan.Request{})
	const want = "warning: no client installs what is delegated to brakes (brakes/*): its file is not delivered yet"
	if ceremonytest.Files(p) != "snapshot 2, timestamp 2" || len(p.Suppliers) != 1 || p.Suppliers[0].String() != want {
		t.Errorf("signs %s, suppliers %v", ceremonytest.Files(p), p.Suppliers)
	}
}

// TestSuppliedChanges shows a supplier's new file image by image, also where the
// older one is not there any more.
func TestSuppliedChanges(t *testing.T) {
	for name, keep := range map[string]bool{"beside the older one": true, "in its place": false} {
		s := ceremonytest.Delivered(t)
		s.Write("image/metadata/2.brakes.json", ceremonytest.SuppliedImages(t, roles.TUF, 2, s.Now.Add(5*words.Day), []string{"brakes/1", "brakes/2"}, "supplier-a"))
		if !keep {
			s.Remove("image/metadata/1.brakes.json")
		}
		p := s.MustMake(plan.Request{})
		var got []string
		for _, c := range p.Changes.First {
			got = append(got, c.Role+" "+c.What+" "+c.Subject)
		}
		want := "brakes version , brakes image brakes/2"
		if !keep {
			want = "brakes version , brakes expires , brakes spec_version , brakes image brakes/1, brakes image brakes/2"
		}
		if strings.Join(got, ", ") != want || len(p.Suppliers) != 1 || p.Suppliers[0].String() != "brakes 2 is new, signed by others" {
			t.Errorf("%s: changes %q, suppliers %v; want %s", name, got, p.Suppliers, want)
		}
	}
}

// TestSuppliedInPlace shows a supplier's new file image by image where it has taken the
// place of the older one, which is kept aside; and goes on with that one where the new
// file is of no use.
func TestSuppliedInPlace(t *testing.T) {
	s := ceremonytest.SuppliedInPlace(t)
	file := func(version int64, key string, paths ...string) string {
		return ceremonytest.SuppliedImages(t, roles.OTACE, version, s.Now.Add(90*words.Day), paths, key)
	}
	old := file(1, "supplier-a", "brakes/1")
	s.Write(ceremonytest.SupplierInPlace, old)
	s.CarryOut(plan.Request{})
	aside := signed.Replaced(ceremonytest.SupplierInPlace, digest.Of([]byte(old)))
	s.Write(aside, old)
	stated := ceremonytest.LineOf(s.Read("image/metadata/snapshot.json"), `"brakes.json":{"hashes":`)
	for name, junk := range map[string]string{"by a stranger": file(2, "root-a", "brakes/9"), "no JSON": "{", "other bytes": file(1, "supplier-a", "brakes/9")} {
		s.Write(ceremonytest.SupplierInPlace, junk)
		p := s.CarryOut(plan.Request{Renew: []string{"snapshot"}})
		if len(p.Suppliers) != 1 || !strings.HasPrefix(p.Suppliers[0].String(), "warning: a new file of brakes is passed over, the one that is published stays: "+ceremonytest.SupplierInPlace) {
			t.Errorf("%s: suppliers %v", name, p.Suppliers)
		}
		if now := ceremonytest.LineOf(s.Read("image/metadata/snapshot.json"), `"brakes.json":{"hashes":`); now != stated {
			t.Errorf("%s: snapshot states %s, want %s as before", name, now, stated)
		}
	}
	s.Write(ceremonytest.SupplierInPlace, file(2, "supplier-a", "brakes/1", "brakes/2"))
	changes := func() string {
		var got []string
		for _, c := range s.MustMake(plan.Request{Reason: t.Name()}).Changes.First {
			got = append(got, c.Role+" "+c.What+" "+c.Subject)
		}
		return strings.Join(got, ", ")
	}
	if got := changes(); got != "brakes version , brakes image brakes/2" {
		t.Errorf("changes %q", got)
	}
	for _, changed := range []string{file(1, "supplier-a", "brakes/2"), "{"} { // whoever owns the disk writes what he likes there
		s.Write(aside, changed)
		if got := changes(); !strings.Contains(got, "brakes image brakes/1, brakes image brakes/2") {
			t.Errorf("changes %q", got)
		}
	}
}

// TestRewritten says that a supplier's file is published in another spelling.
func TestRewritten(t *testing.T) {
	s := ceremonytest.SuppliedInPlace(t)
	const name = ceremonytest.SupplierInPlace
	canonical := ceremonytest.SuppliedImages(t, roles.OTACE, 1, s.Now.Add(90*words.Day), []string{"brakes/1"}, "supplier-a")
	s.Write(name, strings.Replace(canonical, ",", ",\n  ", 3))
	p := s.CarryOut(plan.Request{})
	const want = "brakes 1 is new, signed by others; " + name + " is published in its canonical form, which vehicles hash; its signatures stay good"
	if len(p.Suppliers) != 1 || p.Suppliers[0].String() != want {
		t.Errorf("suppliers %v", p.Suppliers)
	}
	s.Write(name, canonical)
	if p, err := s.Make(plan.Request{}); p != nil || err != nil {
		t.Errorf("in canonical form it is another file: %v, %v", p, err)
	}
}

// TestOwnFileBroken is no supplier's affair.
func TestOwnFileBroken(t *testing.T) {
	s := ceremonytest.Delivered(t)
	s.Edit(workspace.SiteFile, "keys: {", "keys: {supplier-a: all, ")
	s.Write("image/metadata/1.brakes.json", "{")
	_, err := s.Make(plan.Request{Renew: []string{"timestamp"}})
	ceremonytest.WantError(t, err, fault.Unverified, "image/metadata/1.brakes.json: the file ends early")
	if _, err := os.Stat(filepath.Join(s.Dir, "ceremonies", "2026-11-23-image-3")); err == nil {
		t.Error("a plan was made")
	}
}
