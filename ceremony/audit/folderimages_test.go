package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/roles"
)

// imageOf is a listed image with that content.
func imageOf(path, content string) *roles.Image {
	return &roles.Image{Path: path, Length: int64(len(content)), Hashes: roles.HashesOf([]byte(content))}
}

func listedOf(images ...*roles.Image) (listed []roles.Listed) {
	for _, image := range images {
		listed = append(listed, roles.Listed{Role: "targets", Image: image})
	}
	return listed
}

// put writes a file below a folder.
func put(t *testing.T, dir, name, content string) string {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func imagesBelow(t *testing.T, dir string, plain bool) folderImages {
	t.Helper()
	folder, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return folderImages{folder, "targets", plain}
}

// TestFolderImages has one image, which a repository serves under two names.
func TestFolderImages(t *testing.T) {
	image := imageOf("ecu/app.bin", "release 2")
	names := roles.TUF.ImagePaths(*image)
	for _, tt := range []struct {
		name  string
		plain bool
		make  func(t *testing.T, dir string)
		count int
		want  string // "" when it verifies
	}{
		{"no folder", false, func(*testing.T, string) {}, 0, ""},
		{"nothing in it", false, func(t *testing.T, dir string) { put(t, dir, "ecu/other", "") }, 0, ""},
		{"first name", false, func(t *testing.T, dir string) { put(t, dir, names[0], "release 2") }, 1, ""},
		{"second name", false, func(t *testing.T, dir string) { put(t, dir, names[1], "release 2") }, 1, ""},
		{"both", false, func(t *testing.T, dir string) { put(t, dir, names[0], "release 2"); put(t, dir, names[1], "release 2") }, 1, ""},
		{"links", false, func(t *testing.T, dir string) {
			fatal(t, os.Link(put(t, dir, names[0], "release 2"), filepath.Join(dir, names[1])))
		}, 1, ""},
		{"plain name that nobody asks for", false, func(t *testing.T, dir string) { put(t, dir, image.Path, "release X") }, 0, ""},
		{"plain name", true, func(t *testing.T, dir string) { put(t, dir, image.Path, "release 2") }, 1, ""},
		{"in other case", true, func(t *testing.T, dir string) { put(t, dir, "ecu/APP.bin", "release X") }, 0, ""},
		{"linked folder", false, func(t *testing.T, dir string) {
			put(t, dir, strings.Replace(names[0], "ecu/", "real/", 1), "release 2")
			fatal(t, os.Symlink("real", filepath.Join(dir, "ecu")))
		}, 1, ""},
		{"linked file", false, func(t *testing.T, dir string) {
			put(t, dir, names[0], "release 2")
			fatal(t, os.Symlink(filepath.Base(names[0]), filepath.Join(dir, names[1])))
		}, 1, ""},

		{"changed", false, func(t *testing.T, dir string) { put(t, dir, names[0], "release X") }, 0, "image " + names[0] + ": sha256 is"},
		{"second copy changed", false, func(t *testing.T, dir string) { put(t, dir, names[0], "release 2"); put(t, dir, names[1], "release X") }, 0, "image " + names[1] + ": sha256 is"},
		{"links to a changed file", false, func(t *testing.T, dir string) {
			fatal(t, os.Link(put(t, dir, names[0], "release X"), filepath.Join(dir, names[1])))
		}, 0, "image " + names[0] + ": "},
		{"link to another file", false, func(t *testing.T, dir string) {
			put(t, dir, names[0], "release 2")
			fatal(t, os.Link(put(t, dir, "ecu/other", "release X"), filepath.Join(dir, names[1])))
		}, 0, "image " + names[1] + ": "},
		{"plain copy changed", true, func(t *testing.T, dir string) {
			put(t, dir, names[0], "release 2")
			put(t, dir, image.Path, "release X")
		}, 0, "image ecu/app.bin: "},
		{"longer", false, func(t *testing.T, dir string) { put(t, dir, names[0], "release 2+") }, 0, "it has 10 bytes, want 9"},
		{"shorter", false, func(t *testing.T, dir string) { put(t, dir, names[0], "release") }, 0, "it has 7 bytes, want 9"},
		{"sparse", false, func(t *testing.T, dir string) { fatal(t, os.Truncate(put(t, dir, names[0], ""), 5<<40)) }, 0, "it has 5497558138880 bytes, want 9"},
		{"a folder", false, func(t *testing.T, dir string) { put(t, dir, names[0]+"/x", "") }, 0, "targets/" + names[0] + ": is a folder, want a regular file"},
		{"link that leads out", false, func(t *testing.T, dir string) {
			put(t, dir, "ecu/other", "")
			fatal(t, os.Symlink("/etc/passwd", filepath.Join(dir, names[0])))
		}, 0, "targets/" + names[0] + ": "},
		{"linked folder that leads out", false, func(t *testing.T, dir string) {
			fatal(t, os.Mkdir(dir, 0o755))
			fatal(t, os.Symlink("/etc", filepath.Join(dir, "ecu")))
		}, 0, "targets/ecu: "},
		{"no folder but a file", false, func(t *testing.T, dir string) { put(t, dir, "ecu", "") }, 0, "targets/ecu: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.make(t, filepath.Join(dir, "targets"))
			start := time.Now()
			count, err := imagesBelow(t, dir, tt.plain).check(roles.TUF.ImagePaths, listedOf(image))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want) && !strings.HasSuffix(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if count != tt.count {
				t.Errorf("%d images, want %d", count, tt.count)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestManyFolderImages has several jobs for a folder, several folders, and images
// of one folder listed by several roles.
func TestManyFolderImages(t *testing.T) {
	dir := t.TempDir()
	var images []*roles.Image
	for i := range 3*imagesPerJob + 7 {
		image := imageOf(fmt.Sprintf("ecu-%d/%04d.bin", i%3%2, i), fmt.Sprint("content ", i))
		images = append(images, image)
		if i%5 > 0 {
			put(t, dir, "targets/"+roles.TUF.ImagePaths(*image)[i%2], fmt.Sprint("content ", i))
		}
	}
	count, err := imagesBelow(t, dir, false).check(roles.TUF.ImagePaths, listedOf(images...))
	if want := len(images) - (len(images)+4)/5; err != nil || count != want {
		t.Errorf("got %d, %v, want %d", count, err, want)
	}
	// The first of those that are wrong is reported, by folder and then as listed.
	for _, i := range []int{301, 602, 662} {
		put(t, dir, "targets/"+roles.TUF.ImagePaths(*images[i])[i%2], "content X")
	}
	for range 10 {
		_, err = imagesBelow(t, dir, false).check(roles.TUF.ImagePaths, listedOf(images...))
		if want := fmt.Sprintf("image %s: ", roles.TUF.ImagePaths(*images[602])[0]); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestDigests takes the digests that are listed and no others.
func TestDigests(t *testing.T) {
	all := roles.HashesOf([]byte("abc"))
	for _, listed := range []roles.Hashes{all, {SHA256: all.SHA256}, {SHA512: all.SHA512}} {
		image := &roles.Image{Length: 3, Hashes: listed}
		d := newDigester()
		for range 2 {
			got, length, err := d.digests(strings.NewReader("abc"), image)
			if err != nil || length != 3 || listed.Match(got) != nil || (got.SHA256 == nil) != (listed.SHA256 == nil) || (got.SHA512 == nil) != (listed.SHA512 == nil) {
				t.Errorf("got %v, %d, %v", got, length, err)
			}
		}
		if _, length, err := d.digests(strings.NewReader(strings.Repeat("abc", 1000)), image); err != nil || length != 4 {
			t.Errorf("too long: read %d bytes, %v", length, err)
		}
	}
}

// Where links do not exist, equal numbers do not mean one file; where no list can
// be had, or case does not count, only opening tells.
func TestWhatIsNotBelieved(t *testing.T) {
	dir := t.TempDir()
	info, err := os.Stat(put(t, dir, "targets/ecu/App.bin", "x"))
	fatal(t, err)
	f := &imageFolder{above: imagesBelow(t, dir, false).folder, dir: "targets/ecu"}
	if f.list(); f.err != nil {
		t.Fatal(f.err)
	}
	defer f.close()
	if f.isLinkTo("App.bin", info) {
		t.Error("a file with one name has two")
	}
	if !f.mayHave("app.bin") || !f.mayHave("APP.BIN") || f.mayHave("app") {
		t.Error("case counts, or all may be there")
	}
	if f.names = nil; !f.mayHave("app") {
		t.Error("without a list nothing may be there")
	}
}
