package bundle

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

var _ roles.Source = (*Bundle)(nil)

func openTestBundle(t *testing.T) (*Bundle, string) {
	t.Helper()
	file := bundleOnDisk(t, packed(t, bundleFiles()...))
	b, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, file
}

func readImage(b *Bundle, path string) (string, error) {
	image, err := b.OpenImage(path)
	if err != nil {
		return "", err
	}
	defer image.Close()
	content, err := io.ReadAll(image)
	return string(content), err
}

func TestBundle(t *testing.T) {
	b, _ := openTestBundle(t)
	if b.Repository() != "image" || b.Format() != "tuf" {
		t.Errorf("got %q, %q", b.Repository(), b.Format())
	}
	if got, err := b.Get("timestamp.json", 14); err != nil || string(got) != `{"signed": {}}` {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := b.Get("timestamp.json", 13); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("over the limit: got %v", err)
	}
	if got, err := b.MetadataNames(); err != nil || !slices.Equal(got, []string{"1.root.json", "timestamp.json"}) {
		t.Errorf("got %q, %v", got, err)
	}
	for path, want := range map[string]string{
		"aa.app.bin":                             strings.Repeat("image", 150),
		"bb.app.bin":                             strings.Repeat("image", 150),
		"empty":                                  "",
		strings.TrimPrefix(longPath, "targets/"): "deep",
	} {
		if got, err := readImage(b, path); err != nil || got != want {
			t.Errorf("%s: got %q, %v", path, got, err)
		}
	}
	for _, path := range []string{"absent", "", "../targets/empty", "../metadata/timestamp.json", "/empty"} {
		if _, err := b.OpenImage(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("image %q: got %v", path, err)
		}
		if _, err := b.Get(path, 100); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("metadata %q: got %v", path, err)
		}
	}
}

func TestBundleThatChangesAfterItWasOpened(t *testing.T) {
	b, file := openTestBundle(t)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer("signed", "forged", "imageimage", "imageIMAGE").Replace(string(data))
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get("timestamp.json", 100); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("metadata: got %q, %v", got, err)
	}
	if _, err := readImage(b, "aa.app.bin"); fault.CodeOf(err) != fault.Unverified {
		t.Errorf("image: got %v", err)
	}
}

func TestOpenBundleWithoutAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir + "/absent.tar"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("got %v", err)
	}
}
