package audit

import (
	"os"
	"slices"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/workspace"
)

func TestDiff(t *testing.T) {
	s := ceremonytest.SignedSoftware(t)
	old := t.TempDir()
	if err := os.CopyFS(old, os.DirFS(s.Path("image/metadata"))); err != nil {
		t.Fatal(err)
	}
	s.Write("images.yaml", ceremonytest.ImagesYAML("app.bin", "brakes.bin"))
	s.CarryOut(plan.Request{})
	metadata := s.Path("image/metadata")
	for _, tt := range []struct {
		name, old, new string
		want           []string // role and what changes
	}{
		{"same", metadata, metadata, nil},
		{"folders", old, metadata, []string{"targets version", "targets image brakes.bin", "snapshot version", "snapshot file targets.json", "timestamp version", "timestamp file snapshot.json"}},
		{"files", old + "/1.targets.json", metadata + "/2.targets.json", []string{"targets version", "targets image brakes.bin"}},
		{"folder and file", old, old + "/1.root.json", []string{"targets file", "snapshot file", "timestamp file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := Diff(tt.old, tt.new, workspace.KeyNames(s.Dir))
			if err != nil || found.Changes == nil || found.Odd != nil {
				t.Fatal(found, err)
			}
			var got []string
			for _, c := range found.Changes {
				what := c.Role + " " + c.What
				if c.Subject != "" {
					what += " " + c.Subject
				}
				got = append(got, what)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}

	for _, tt := range []struct {
		name, old, new string
		code           fault.Code
		want           string
	}{
		{"two types", old + "/1.root.json", old + "/1.targets.json", fault.Usage, "hold no metadata of the same type"},
		{"not there", old + "/9.root.json", old, fault.Usage, "no such file"},
		{"no metadata", old, t.TempDir(), fault.Unverified, "there is no root metadata"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Diff(tt.old, tt.new, nil)
			ceremonytest.WantError(t, err, tt.code, tt.want)
		})
	}
}
