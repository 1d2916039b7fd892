package policies

import (
	"fmt"
	"testing"

	"github.com/uptane/keyrite/roles"
)

// The fleet of the benchmark: images per delegation times delegations.
const (
	suppliers         = 200
	imagesPerSupplier = 500
)

// largeFixture has 100,000 images below 200 delegations; with the new version
// one image of each supplier is new.
func largeFixture(b *testing.B) *fixture {
	f := newFixture(b)
	for _, s := range []*Set{f.Previous, f.Next} {
		s.Targets.Delegations = &roles.Delegations{}
		s.Snapshot.Meta = nil
	}
	for i := range suppliers {
		role := fmt.Sprintf("supplier-%03d", i)
		keys := []string{role + "-1", role + "-2"}
		for _, name := range keys {
			f.addKey(b, name)
		}
		for version, s := range []*Set{f.Previous, f.Next} {
			s.Targets.Delegations.Add(roles.DelegatedRole{Role: roles.Role{Name: role, Threshold: 1}, Paths: []string{role + "/*"}}, f.list(keys...))
			t := &roles.Targets{Head: roles.Head{Version: int64(version + 1), Expires: now.Add(60 * day), SpecVersion: "1.0.0"}}
			for n := range imagesPerSupplier {
				t.Images = append(t.Images, image(fmt.Sprintf("%s/unit-%04d-%d.bin", role, n, n/(imagesPerSupplier-1)*version), fmt.Sprintf("%s-unit-%d", role, n%20), int64(n/20)))
			}
			s.Delegated[role] = t
			s.Bytes[role] = 200_000
		}
	}
	return f
}

// BenchmarkCheck runs all checks over the large fleet.
func BenchmarkCheck(b *testing.B) {
	f, p := largeFixture(b), mustPreset(b, "uptane-image")
	b.ReportAllocs()
	for b.Loop() {
		r := p.Check(f.Subject)
		if len(r.Unknown) > 0 || r.Refused() != nil {
			b.Fatal(r.Unknown, r.Refused())
		}
	}
}

// BenchmarkReadAndDiff is the work of `plan` that the checks come on top of, in
// part: reading what is signed and comparing it with what would be.
func BenchmarkReadAndDiff(b *testing.B) {
	f := largeFixture(b)
	files := map[string][]byte{}
	for role, t := range f.Previous.Delegated {
		draft, err := roles.Encode(f.Format, t)
		if err != nil {
			b.Fatal(err)
		}
		if files[role], err = draft.Seal(nil); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		for role, data := range files {
			file, err := roles.Read(f.Format, roles.TypeTargets, data)
			if err != nil {
				b.Fatal(err)
			}
			roles.Diff(file.Body, f.Next.Delegated[role], roles.DiffOptions{Role: role})
		}
	}
}

// BenchmarkCheckWide runs all checks over many suppliers with an image each.
func BenchmarkCheckWide(b *testing.B) {
	for _, n := range []int{4000, 32_000} {
		f, p := wideFixture(b, n), mustPreset(b, "uptane-image")
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if r := p.Check(f.Subject); len(r.Unknown) > 0 {
					b.Fatal(r.Unknown)
				}
			}
		})
	}
}

func wideFixture(b *testing.B, n int) *fixture {
	f := newFixture(b)
	for _, s := range []*Set{f.Previous, f.Next} {
		d := s.Targets.Delegations
		for i := range n {
			role := fmt.Sprintf("supplier-%05d", i)
			d.Roles = append(d.Roles, roles.DelegatedRole{Role: roles.Role{Name: role, Threshold: 1, KeyIDs: d.Roles[0].KeyIDs}, Paths: []string{role + "/*"}})
			s.Delegated[role] = &roles.Targets{Head: f.Next.Delegated["acme"].Head, Images: []roles.Image{image(role+"/unit.bin", role, 1)}}
			s.Snapshot.Meta = append(s.Snapshot.Meta, roles.Meta{Name: role + ".json"})
			s.Bytes[role] = 2000
		}
	}
	return f
}
