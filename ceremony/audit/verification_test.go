package audit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/words"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/roles"
)

// listing is an images.yaml of one image, with custom data.
func listing(content, custom string) string {
	return fmt.Sprintf("version: 1\nimages:\n  - {path: app.bin, length: %d, sha256: %x, custom: %s}\n", len(content), sha256.Sum256([]byte(content)), custom)
}

const (
	imageCustom    = `{hardwareIds: [brake], releaseCounter: 2}`
	directorCustom = `{ecuIdentifiers: {ecu-1: {hardwareId: brake}}, releaseCounter: 2}`
)

// released is a signed repository with one image.
func released(t *testing.T, content, custom string) *ceremonytest.Software {
	s := ceremonytest.NewSoftware(t)
	s.Write("images.yaml", listing(content, custom))
	s.CarryOut(plan.Request{})
	return s
}

// request verifies the repository from its first root.
func request(s *ceremonytest.Software) VerifyRequest {
	return VerifyRequest{Path: s.Path("image/metadata"), TrustedRoot: s.Path("image/metadata/1.root.json"), Now: s.Now}
}

// copyOf keeps the metadata as it is now.
func copyOf(s *ceremonytest.Software) string {
	s.T.Helper()
	dir := s.T.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.Path("image/metadata"))); err != nil {
		s.T.Fatal(err)
	}
	return dir
}

func TestVerify(t *testing.T) {
	s := released(t, "release 2", imageCustom)
	found, err := Verify(request(s))
	if err != nil || found.Repository.Images != 1 || len(found.Repository.Files) != 4 {
		t.Fatalf("got %v, %v", found, err)
	}
	other := filepath.Join(t.TempDir(), "root.json")
	if err := os.WriteFile(other, []byte(newTrustedRoot(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(*VerifyRequest)
		code   fault.Code
		want   string
	}{
		{"expired", func(r *VerifyRequest) { r.Now = r.Now.Add(14 * words.Day) }, fault.Unverified, "timestamp.json"},
		{"another root", func(r *VerifyRequest) { r.TrustedRoot = other }, fault.Unverified, "timestamp.json"},
		{"no root", func(r *VerifyRequest) { r.TrustedRoot = "/nowhere" }, fault.Usage, "/nowhere: no such file"},
		{"no path", func(r *VerifyRequest) { r.Path = "/nowhere" }, fault.Usage, "/nowhere: no such file"},
		{"no root of the Director", func(r *VerifyRequest) { r.Director = r.Path }, fault.Usage, "--director needs --director-root"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := request(s)
			tt.change(&r)
			_, err := Verify(r)
			ceremonytest.WantError(t, err, tt.code, tt.want)
		})
	}
}

// newTrustedRoot is the root of a repository with other keys.
func newTrustedRoot(t *testing.T) string {
	s := ceremonytest.NewSoftware(t)
	s.Edit(workspace.TrustFile, "targets: {keys: [targets-a]", "targets: {keys: [timestamp-a]",
		"timestamp: {keys: [timestamp-a]", "timestamp: {keys: [targets-a]")
	s.CarryOut(plan.Request{})
	return s.Read("image/metadata/1.root.json")
}

// TestVerifyRollback shows an older repository to somebody who remembers a newer
// one, of the Image repository and then of the Director.
func TestVerifyRollback(t *testing.T) {
	image, director := released(t, "release 2", imageCustom), released(t, "release 2", directorCustom)
	oldImage, oldDirector := copyOf(image), copyOf(director)
	image.CarryOut(plan.Request{Renew: []string{"targets"}})
	director.CarryOut(plan.Request{Renew: []string{"targets"}})

	r := request(image)
	r.State = filepath.Join(t.TempDir(), "seen")
	r.Director, r.DirectorRoot = request(director).Path, request(director).TrustedRoot
	for range 2 {
		if _, err := Verify(r); err != nil {
			t.Fatal(err)
		}
	}
	back := r
	back.Director = oldDirector
	_, err := Verify(back)
	ceremonytest.WantError(t, err, fault.Unverified, oldDirector+": timestamp.json")
	back = r
	back.Path = oldImage
	_, err = Verify(back)
	ceremonytest.WantError(t, err, fault.Unverified, oldImage+": timestamp.json")
	back.State = ""
	if _, err := Verify(back); err != nil {
		t.Errorf("without memory: %v", err)
	}
}

// TestVerifyDirector compares what the Director assigns with what the Image
// repository lists (Uptane Standard 2.1.0 §5.4.4.2 step 10).
func TestVerifyDirector(t *testing.T) {
	image := released(t, "release 2", imageCustom)
	for _, tt := range []struct {
		name, content, custom string
		want                  string // "" when it verifies
	}{
		{"same", "release 2", directorCustom, ""},
		{"other content", "release X", directorCustom, "sha256 is"},
		{"other length", "release", directorCustom, "length is 7, want 9"},
		{"other hardware", "release 2", `{ecuIdentifiers: {ecu-1: {hardwareId: radio}}}`, `ECU ecu-1 is hardware "radio"`},
		{"other counter", "release 2", `{ecuIdentifiers: {ecu-1: {hardwareId: brake}}, releaseCounter: 3}`, "release counter is 3, want 2"},
		{"for nobody", "release 2", `{releaseCounter: 2}`, "names no ECU"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			director := released(t, tt.content, tt.custom)
			r := request(image)
			r.Director, r.DirectorRoot = request(director).Path, request(director).TrustedRoot
			found, err := Verify(r)
			if tt.want != "" {
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
				return
			}
			if err != nil || len(found.Director.Assignments) != 1 {
				t.Errorf("got %v, %v", found, err)
			}
		})
	}
}

// TestVerifyImages changes images behind the metadata's back.
func TestVerifyImages(t *testing.T) {
	s := released(t, "release 2", imageCustom)
	for _, tt := range []struct {
		name, content string
		checked       int
		want          string // "" when it verifies
	}{
		{"as listed", "release 2", 1, ""},
		{"changed", "release X", 0, "image app.bin: "},
		{"longer", "release 2+", 0, "image app.bin: "},
		{"not there", "", 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := request(s)
			r.Images = t.TempDir()
			if tt.content != "" {
				if err := os.WriteFile(filepath.Join(r.Images, "app.bin"), []byte(tt.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			found, err := Verify(r)
			if tt.want != "" {
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
			} else if err != nil {
				t.Fatal(err)
			}
			if found.ImagesChecked != tt.checked {
				t.Errorf("checked %d images, want %d", found.ImagesChecked, tt.checked)
			}
		})
	}
}

// TestVerifyPublished verifies what is served and what is carried: a folder with
// metadata/ and targets/, and a bundle of it.
func TestVerifyPublished(t *testing.T) {
	s := released(t, "release 2", imageCustom)
	r := request(s)
	dir := filepath.Join(t.TempDir(), "published")
	if err := os.CopyFS(filepath.Join(dir, "metadata"), os.DirFS(r.Path)); err != nil {
		t.Fatal(err)
	}
	image := imageOf("app.bin", "release 2")
	image.Hashes.SHA512 = nil // as listing has it
	name := roles.TUF.ImagePaths(*image)[0]
	for _, tt := range []struct {
		content string
		want    string // "" when it verifies
	}{
		{"release 2", ""},
		{"release X", ": image " + name + ": sha256 is"},
	} {
		put(t, dir, "targets/"+name, tt.content)
		file := filepath.Join(t.TempDir(), "image.tar")
		if err := os.WriteFile(file, bundleOf(t, dir), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, r.Path = range []string{dir, file} {
			found, err := Verify(r)
			if tt.want != "" {
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
			} else if err != nil || found.ImagesChecked != 1 {
				t.Errorf("%s: got %v, %v", r.Path, found, err)
			}
		}
	}
	r.Images = t.TempDir() // instead of those that are published
	if found, err := Verify(r); err != nil || found.ImagesChecked != 0 {
		t.Errorf("got %v, %v", found, err)
	}
	r.Images = filepath.Join(dir, "none")
	_, err := Verify(r)
	ceremonytest.WantError(t, err, fault.Failed, "none: no such file")
}

// TestVerifyPlainImages has a repository without consistent snapshots, which serves
// images under their own paths (TUF 1.0.34 §6.2), and may keep copies under others.
func TestVerifyPlainImages(t *testing.T) {
	s := released(t, "release 2", imageCustom)
	s.Unnumber()
	r := request(s)
	r.Policy = NoPolicy
	hashed := roles.TUF.ImagePaths(*imageOf("app.bin", "release 2"))[0]
	for _, tt := range []struct{ plain, copied, want string }{
		{"release 2", "", ""},
		{"", "release 2", ""},
		{"release 2", "release 2", ""},
		{"release X", "release 2", ": image app.bin: sha256 is"},
		{"release 2", "release X", ": image " + hashed + ": sha256 is"},
	} {
		dir := t.TempDir()
		fatal(t, os.CopyFS(filepath.Join(dir, "metadata"), os.DirFS(s.Path("image/metadata"))))
		for name, content := range map[string]string{"app.bin": tt.plain, hashed: tt.copied} {
			if content != "" {
				put(t, dir, "targets/"+name, content)
			}
		}
		file := filepath.Join(t.TempDir(), "image.tar")
		fatal(t, os.WriteFile(file, bundleOf(t, dir), 0o644))
		for _, r.Path = range []string{dir, file} {
			found, err := Verify(r)
			if tt.want != "" {
				ceremonytest.WantError(t, err, fault.Unverified, tt.want)
			} else if err != nil || found.ImagesChecked != 1 {
				t.Errorf("%s, %+v: got %v, %v", r.Path, tt, found, err)
			}
		}
	}
}

// bundleOf packs all files of a folder.
func bundleOf(t *testing.T, dir string) []byte {
	t.Helper()
	var files []bundle.File
	fsys := os.DirFS(dir)
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		files = append(files, bundle.File{
			Path: name, Length: int64(len(data)), SHA256: sha256.Sum256(data),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := bundle.Write(&b, bundle.Head{Repository: "image", Format: "tuf"}, files); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
