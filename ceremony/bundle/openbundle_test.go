package bundle

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

var _ roles.Source = (*Bundle)(nil)

func openTestBundle(t *testing.T) (*Bundle, *Images, string) {
	t.Helper()
	file := bundleOnDisk(t, packed(t, bundleFiles()...))
	b, images, err := OpenWithImages(file)
	if err != nil {
		t.Fatal(err)
	}
	return b, images, file
}

func TestBundle(t *testing.T) {
	b, images, _ := openTestBundle(t)
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
		digests, length, found := images.Digests(path)
		if !found || length != int64(len(want)) || roles.HashesOf([]byte(want)).Match(digests) != nil {
			t.Errorf("%s: got %v, %d bytes, %t", path, digests, length, found)
		}
	}
	for _, path := range []string{"absent", "", "../targets/empty", "../metadata/timestamp.json", "/empty"} {
		if _, _, found := images.Digests(path); found {
			t.Errorf("image %q is there", path)
		}
		if _, err := b.Get(path, 100); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("metadata %q: got %v", path, err)
		}
	}
}

// What was verified is what is served, whatever the stick answers afterwards.
func TestBundleThatChangesAfterItWasOpened(t *testing.T) {
	b, images, file := openTestBundle(t)
	if err := os.Truncate(file, 0); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get("timestamp.json", 100); err != nil || string(got) != `{"signed": {}}` {
		t.Errorf("metadata: got %q, %v", got, err)
	}
	if got, _, _ := images.Digests("aa.app.bin"); roles.HashesOf([]byte(strings.Repeat("image", 150))).Match(got) != nil {
		t.Errorf("image: got %v", got)
	}
}

// countingArchive counts how often each byte is read.
type countingArchive struct {
	*bytes.Reader
	mu    sync.Mutex
	times []int
}

func (c *countingArchive) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.Reader.ReadAt(p, offset)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range n {
		c.times[offset+int64(i)]++
	}
	return n, err
}

// Nothing that is hashed is read a second time: not the content of a file that is
// larger than a run, and of small ones only what a buffer takes ahead.
func TestBundleIsReadOnce(t *testing.T) {
	files := []File{bundleFile("metadata/1.root.json", strings.Repeat("m", 3*runBytes)), bundleFile("targets/a", strings.Repeat("a", 2*runBytes)), bundleFile("targets/b", "b")}
	data := packed(t, files...)
	archive := &countingArchive{Reader: bytes.NewReader(data), times: make([]int, len(data))}
	if _, err := readBundle(archive, ignoreContents); err != nil {
		t.Fatal(err)
	}
	twice := 0
	for i, times := range archive.times {
		switch {
		case times == 0:
			t.Fatalf("byte %d was not read", i)
		case times > 1:
			twice++
		}
	}
	if most := 4 * aheadBytes; twice > most {
		t.Errorf("%d bytes were read twice, want at most %d", twice, most)
	}
}

func ignoreContents(*manifest) visitor { return func(int, io.Reader) error { return nil } }

// A metadata file is kept in memory, so it has a limit that an image has not.
func TestLargeMetadata(t *testing.T) {
	m := &manifest{1, Head{Repository: "image", Format: "tuf"}, []manifestFile{{Path: "metadata/a.json", Length: disk.MaxInput + 1}}}
	raw := newRawBundle(encoded(t, m))
	if err := raw.archive.WriteHeader(bundleHeader("metadata/a.json", disk.MaxInput+1)); err != nil {
		t.Fatal(err)
	}
	_, err := Open(bundleOnDisk(t, raw.Bytes()))
	if want := "metadata/a.json is 1073741825 bytes, want at most 1073741824"; fault.CodeOf(err) != fault.Unverified || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// A bundle may claim to hold far more than was ever written.
func TestSparseBundle(t *testing.T) {
	for _, test := range []struct {
		name string
		size int64
		want string
	}{
		{"claims 5 GiB", 5 << 30, "holds only "},
		{"claims a little", 1 << 20, "targets/huge has other content"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &manifest{1, Head{Repository: "image", Format: "tuf"}, []manifestFile{{Path: "targets/huge", Length: test.size}}}
			header, err := encodeHeader("targets/huge", test.size)
			if err != nil {
				t.Fatal(err)
			}
			raw := newRawBundle(encoded(t, m))
			if err := raw.archive.Flush(); err != nil {
				t.Fatal(err)
			}
			file := bundleOnDisk(t, append(raw.Bytes(), header...))
			if err := os.Truncate(file, int64(raw.Len()+len(header))+test.size+2*tarBlock); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if _, err := Open(file); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), test.want) {
				t.Errorf("open: got %v, want %q", err, test.want)
			} else if hints := fault.Hints(err); test.size > 1<<30 && !slices.Contains(hints, "copy the bundle again; an interrupted copy looks like this") {
				t.Errorf("got the hints %q", hints)
			}
			if _, err := Unpack(file, filepath.Join(t.TempDir(), "out")); fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), test.want) {
				t.Errorf("unpack: got %v, want %q", err, test.want)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestFilledBundle has holes, as a sparse copy of an image with zeros has.
func TestFilledBundle(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const size = 2 * minSparse
	for _, err := range []error{file.Truncate(size), errOf(file.WriteAt(make([]byte, size/minFilled), size/2))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := checkHoles(file, size); err != nil {
		t.Error(err)
	}
}

func errOf(_ int, err error) error { return err }

func TestOpenBundleWithoutAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir + "/absent.tar"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("got %v", err)
	}
}
