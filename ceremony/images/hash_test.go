package images

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"golang.org/x/sys/unix"
)

// imageDir is a folder with files of those contents.
func imageDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// hashDir hashes the images of a folder.
func hashDir(ctx context.Context, dir string, progress Progress) (*List, error) {
	files, err := Find([]string{dir}, "")
	if err != nil {
		return nil, err
	}
	defer files.Close()
	return files.Hash(ctx, nil, progress)
}

func TestHashDir(t *testing.T) {
	files := map[string]string{
		"b": "b", "empty": "", "a/z": "z", "a-b": "sorts before a/z",
		"large": strings.Repeat("0123456789", hashBuffer/4),
	}
	for i := range 50 {
		files[fmt.Sprintf("many/%02d", i)] = fmt.Sprint(i)
	}
	images, err := hashDir(t.Context(), imageDir(t, files), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(images.Images) != len(files) {
		t.Errorf("got %d images, want %d", len(images.Images), len(files))
	}
	for i, image := range images.Images {
		content := []byte(files[image.Path])
		if image.Length != int64(len(content)) || image.SHA256 != sha256.Sum256(content) || *image.SHA512 != sha512.Sum512(content) {
			t.Errorf("%s: got %+v", image.Path, image)
		}
		if i > 0 && images.Images[i-1].Path >= image.Path {
			t.Errorf("%s comes after %s", image.Path, images.Images[i-1].Path)
		}
	}
}

func TestHashDirProgress(t *testing.T) {
	dir := imageDir(t, map[string]string{"a": strings.Repeat("a", 3*hashBuffer), "b": strings.Repeat("b", hashBuffer+1), "c": ""})
	var last, calls int64
	_, err := hashDir(t.Context(), dir, func(done, total int64) {
		if done <= last || total != 4*hashBuffer+1 {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
		calls++
	})
	if err != nil || last != 4*hashBuffer+1 || calls < 5 {
		t.Errorf("ends at %d after %d calls; %v", last, calls, err)
	}
}

func TestHashDirRefusesAClash(t *testing.T) {
	_, err := hashDir(t.Context(), imageDir(t, map[string]string{"fw.bin": "x", "FW.bin": "y"}), nil)
	if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), `"FW.bin" and "fw.bin" differ in case only`) {
		t.Errorf("got %v", err)
	}
}

func TestHashDirRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(path string) error
		want string
	}{
		{"link", func(path string) error { return os.Symlink("good", path) }, "is a symbolic link, want a regular file"},
		{"linked folder", func(path string) error { return os.Symlink("/etc", path) }, "is a symbolic link, want a regular file"},
		{"pipe", func(path string) error { return unix.Mkfifo(path, 0o644) }, "is a device or pipe, want a regular file"},
		{".hidden", func(path string) error { return os.WriteFile(path, nil, 0o644) }, "begins with a dot"},
		{".DS_Store", func(path string) error { return os.WriteFile(path, nil, 0o644) }, "file managers leave such files behind"},
		{"._good", func(path string) error { return os.WriteFile(path, nil, 0o644) }, "file managers leave such files behind"},
		{"Thumbs.db", func(path string) error { return os.WriteFile(path, nil, 0o644) }, "file managers leave such files behind"},
		{"aux.bin", func(path string) error { return os.WriteFile(path, nil, 0o644) }, "is the name of a device"},
		{"per%cent", func(path string) error { return os.WriteFile(path, nil, 0o644) }, "path contains '%'"},
		{"esc\x1b", func(path string) error { return os.WriteFile(path, nil, 0o644) }, `esc\u001b: path contains '\x1b'`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := imageDir(t, map[string]string{"good": "x"})
			if err := test.make(filepath.Join(dir, test.name)); err != nil {
				t.Fatal(err)
			}
			_, err := hashDir(t.Context(), dir, nil)
			if err == nil || !strings.Contains(err.Error(), words.Printable(test.name)+": ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("got code %d", fault.CodeOf(err))
			}
		})
	}
}

func TestHashDirNotices(t *testing.T) {
	dir := imageDir(t, map[string]string{"a": strings.Repeat("a", 2*hashBuffer)})
	_, err := hashDir(t.Context(), dir, func(done, _ int64) {
		if done == hashBuffer {
			if err := os.Truncate(filepath.Join(dir, "a"), 3*hashBuffer); err != nil {
				t.Error(err)
			}
		}
	})
	if want := "a changed while it was read; got 3145728 bytes, want 2097152"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = hashDir(ctx, imageDir(t, map[string]string{"a": strings.Repeat("a", 9*hashBuffer)}), func(done, _ int64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v", err)
	}
	if _, err = hashDir(t.Context(), filepath.Join(dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: got %v", err)
	}
}

func TestHashImages(t *testing.T) {
	dir := imageDir(t, map[string]string{"a": "1", "b": "22"})
	out := filepath.Join(t.TempDir(), "images.yaml")
	counter := int64(7)
	r := HashRequest{From: []string{dir}, Out: out, HardwareIDs: []string{"ecu-1", `<"é">`}, ReleaseCounter: &counter}
	hashed, err := Hash(t.Context(), r, nil)
	if err != nil || hashed.Images != 2 || hashed.Bytes != 3 || len(hashed.Gone) != 0 {
		t.Fatalf("got %+v and %v", hashed, err)
	}
	const custom = `{"hardwareIds":["ecu-1","<\"é\">"],"releaseCounter":7}`
	for _, image := range parsedImages(t, out) {
		if string(image.Custom) != custom {
			t.Errorf("%s: got %s, want %s", image.Path, image.Custom, custom)
		}
	}

	first, _ := os.ReadFile(out)
	if _, err := Hash(t.Context(), r, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("without --update: got %v", err)
	}
	if again, _ := os.ReadFile(out); !bytes.Equal(again, first) {
		t.Error("the list was overwritten")
	}

	if err := errors.Join(os.Remove(filepath.Join(dir, "a")), os.WriteFile(filepath.Join(dir, "c"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	hashed, err = Hash(t.Context(), HashRequest{From: []string{dir}, Out: out, Update: true, HardwareIDs: []string{"ecu-2"}}, nil)
	if err != nil || strings.Join(hashed.Gone, " ") != "a" {
		t.Fatalf("got %+v and %v", hashed, err)
	}
	images := parsedImages(t, out)
	if string(images[0].Custom) != custom || string(images[1].Custom) != `{"hardwareIds":["ecu-2"]}` {
		t.Errorf("got %s and %s", images[0].Custom, images[1].Custom)
	}
	if names, _ := os.ReadDir(filepath.Dir(out)); len(names) != 1 {
		t.Errorf("beside the list there is %v", names)
	}
}

func parsedImages(t *testing.T, file string) []Image {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	images, err := Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return images.Images
}

func TestHashImagesRefuses(t *testing.T) {
	dir := imageDir(t, map[string]string{"a": "1"})
	negative, huge := int64(-1), int64(1<<53)
	for _, test := range []struct {
		name string
		r    HashRequest
		want string
	}{
		{"list among the images", HashRequest{Out: filepath.Join(dir, "images.yaml")}, "is among the images"},
		{"empty hardware ID", HashRequest{HardwareIDs: []string{""}}, `hardware ID is ""`},
		{"hidden hardware ID", HashRequest{HardwareIDs: []string{"a\u202e"}}, `hardware ID is "a\u202e"`},
		{"negative counter", HashRequest{ReleaseCounter: &negative}, "release counter is -1, want 0 to 9007199254740991"},
		{"huge counter", HashRequest{ReleaseCounter: &huge}, "release counter is 9007199254740992"},
		{"nothing to update", HashRequest{Update: true}, "images.yaml: no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.r.From = []string{dir}
			if test.r.Out == "" {
				test.r.Out = filepath.Join(t.TempDir(), "images.yaml")
			}
			_, err := Hash(t.Context(), test.r, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if _, err := os.Lstat(test.r.Out); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the list is there: %v", err)
			}
		})
	}
}
