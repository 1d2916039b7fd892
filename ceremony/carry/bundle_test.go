package carry

import (
	"os"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/signed"
	"github.com/uptane/keyrite/roles"
)

// TestBundleRefuses packs what verifies as a client does, while no ceremony runs,
// and leaves no file otherwise.
func TestBundleRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ceremonytest.Software)
		code   fault.Code
		want   string // empty: it is packed
	}{
		"as it was signed": {func(*ceremonytest.Software) {}, 0, ""},
		"edited":           {func(s *ceremonytest.Software) { s.Edit("image/metadata/1.targets.json", "app.bin", "bad.bin") }, fault.Unverified, "1.targets.json: "},
		"edited root":      {func(s *ceremonytest.Software) { s.Edit("image/metadata/1.root.json", "2027-11-23", "2037-11-23") }, fault.Unverified, "signatures: "},
		"expired":          {func(s *ceremonytest.Software) { s.Now = s.Now.AddDate(0, 0, 15) }, fault.Unverified, "timestamp.json: "},
		"nothing signed":   {func(s *ceremonytest.Software) { os.RemoveAll(s.Path("image")) }, fault.Incomplete, "image: nothing is signed yet"},
		"during a ceremony": {func(s *ceremonytest.Software) {
			lock, err := s.Open().Lock("image")
			if err != nil {
				s.T.Fatal(err)
			}
			s.T.(*testing.T).Cleanup(func() { lock.Close() })
		}, fault.Failed, "repository image: another keyrite is at work on it"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ceremonytest.SignedSoftware(t)
			tt.change(s)
			out := t.TempDir() + "/image.tar"
			made, err := Bundle(s.Open(), BundleRequest{Repository: "image", Out: out, Now: s.Now})
			_, statErr := os.Stat(out)
			if tt.want != "" {
				ceremonytest.WantError(t, err, tt.code, tt.want)
				if statErr == nil {
					t.Error("it was packed")
				}
			} else if err != nil || statErr != nil || made.Files != 4 {
				t.Errorf("got %+v, %v, %v", made, err, statErr)
			}
		})
	}
}

// TestPublishedImages names each image once, whoever lists it, under all names that
// clients ask for.
func TestPublishedImages(t *testing.T) {
	image := func(path string) roles.Image {
		return roles.Image{Path: path, Length: 1, Hashes: roles.HashesOf([]byte(path))}
	}
	targets := func(paths ...string) *roles.File {
		body := &roles.Targets{}
		for _, path := range paths {
			body.Images = append(body.Images, image(path))
		}
		return &roles.File{Body: body}
	}
	state := &signed.State{Format: roles.TUF, Files: map[string]*roles.File{
		"targets": targets("a/b.bin"), "acme": targets("a/b.bin", "c.bin"), "timestamp": {Body: &roles.Timestamp{}},
	}}
	seen, copies := map[string]bool{}, 0
	for _, file := range publishedImages(state, nil) {
		if seen[file.Path] || !strings.HasPrefix(file.Path, "targets/") || file.Length != 1 {
			t.Errorf("got %+v", file)
		}
		if seen[file.Path] = true; file.SameAs != "" {
			copies++
			if !seen[file.SameAs] {
				t.Errorf("%s is the same as %s, which comes later", file.Path, file.SameAs)
			}
		}
	}
	if names := len(state.Format.ImagePaths(image("c.bin"))); len(seen) != 2*names || copies != 2*(names-1) {
		t.Errorf("%d files, %d of them copies, of 2 images with %d names", len(seen), copies, names)
	}
}
