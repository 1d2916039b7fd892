package bundle

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

func bundleFile(path, content string) File {
	return File{
		Path:   path,
		Open:   func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
		Length: int64(len(content)),
		SHA256: sha256.Sum256([]byte(content)),
	}
}

// longPath needs a PAX header: USTAR has room for 255 bytes.
var longPath = "targets/" + strings.Repeat("long/", 60) + "path"

func bundleFiles() []File {
	image := bundleFile("targets/bb.app.bin", strings.Repeat("image", 150))
	same := bundleFile("targets/aa.app.bin", strings.Repeat("image", 150))
	same.Open, same.SameAs = nil, image.Path
	return []File{
		image,
		same,
		bundleFile("metadata/timestamp.json", `{"signed": {}}`),
		bundleFile("metadata/1.root.json", strings.Repeat("r", tarBlock)),
		bundleFile("targets/empty", ""),
		bundleFile(longPath, "deep"),
	}
}

func packed(t testing.TB, files ...File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, Head{Repository: "image", Format: "tuf"}, files); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func bundleOnDisk(t *testing.T, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWriteBundleIsDeterministic(t *testing.T) {
	files := bundleFiles()
	first := packed(t, files...)
	slices.Reverse(files)
	if !bytes.Equal(first, packed(t, files...)) {
		t.Error("the order of the files changes the bundle")
	}
	want := []string{manifestName, "metadata/1.root.json", "metadata/timestamp.json", "targets/bb.app.bin", "targets/empty", longPath}
	var got []string
	for archive := tar.NewReader(bytes.NewReader(first)); ; {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Mode != 0o644 || h.ModTime.Unix() != 0 || h.Uid != 0 || h.Gid != 0 || h.Uname+h.Gname != "" {
			t.Errorf("%s: %+v", h.Name, h)
		}
		if pax := h.Format == tar.FormatPAX; pax != (h.Name == longPath) {
			t.Errorf("%s: format %v", h.Name, h.Format)
		}
		got = append(got, h.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteBundleRefuses(t *testing.T) {
	change := func(f func(*File)) []File {
		file := bundleFile("targets/a", "content")
		f(&file)
		return []File{file}
	}
	a := bundleFile("targets/a", "content")
	for _, test := range []struct {
		name  string
		files []File
		want  string
	}{
		{"longer", change(func(f *File) { f.Length-- }), "targets/a is too long; want 6 bytes"},
		{"shorter", change(func(f *File) { f.Length++ }), "targets/a is cut off; got 7 bytes, want 8"},
		{"other content", change(func(f *File) { f.SHA256[0]++ }), "targets/a has other content; got SHA-256 ed70"},
		{"negative length", change(func(f *File) { f.Length = -1 }), "length is -1"},
		{"bad path", change(func(f *File) { f.Path = "targets/../a" }), "path leads elsewhere"},
		{"same as nothing", change(func(f *File) { f.SameAs = "targets/b" }), `same-as is "targets/b"`},
		{"same as itself", change(func(f *File) { f.SameAs = "targets/a" }), `same-as is "targets/a"`},
		{"twice", []File{a, a}, "targets/a is listed twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Write(io.Discard, Head{Repository: "image", Format: "tuf"}, test.files)
			if fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestWriteBundleReportsErrorsOfOpen(t *testing.T) {
	file, want := bundleFile("targets/a", "content"), errors.New("no stick")
	file.Open = func() (io.ReadCloser, error) { return nil, want }
	if err := Write(io.Discard, Head{Repository: "image", Format: "tuf"}, []File{file}); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}
