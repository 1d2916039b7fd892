package bundle

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

// rawBundle makes an archive without any of WriteBundle's checks.
type rawBundle struct {
	bytes.Buffer
	archive *tar.Writer
}

func newRawBundle(manifest string) *rawBundle {
	b := new(rawBundle)
	b.archive = tar.NewWriter(&b.Buffer)
	return b.file(manifestName, manifest)
}

func (b *rawBundle) file(path, content string) *rawBundle {
	return b.entry(bundleHeader(path, int64(len(content))), content)
}

func (b *rawBundle) entry(h *tar.Header, content string) *rawBundle {
	if err := b.archive.WriteHeader(h); err != nil {
		panic(err)
	}
	if _, err := io.WriteString(b.archive, content); err != nil {
		panic(err)
	}
	return b
}

func (b *rawBundle) end() []byte {
	if err := b.archive.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Offsets in the archive of manifestText(fileA, fileB).
const (
	headerA  = 2 * tarBlock
	contentA = headerA + tarBlock
	headerB  = contentA + tarBlock
	endAB    = headerB + 2*tarBlock
	sizeAB   = endAB + 2*tarBlock
)

func rawAB() []byte {
	return newRawBundle(manifestText(fileA, fileB)).file("targets/a", "a").file("targets/b", "b").end()
}

func TestBundleRefusals(t *testing.T) {
	files := func() *rawBundle { return newRawBundle(manifestText(fileA, fileB)) }
	special := func(h tar.Header) []byte {
		h.Name, h.Mode = "targets/a", 0o644
		return files().entry(&h, "").file("targets/b", "b").end()
	}
	surplus := func(name string) []byte {
		return files().file("targets/a", "a").file(name, "x").file("targets/b", "b").end()
	}
	flip := func(offset int) []byte {
		data := rawAB()
		data[offset] ^= 1
		return data
	}
	sameAs := strings.Replace(fileB, hashB+`"`, hashA+`","same-as":"targets/a"`, 1)
	mine := bundleHeader("targets/a", 1)
	mine.Uid = 1000
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "not a bundle"},
		{"no archive", []byte(strings.Repeat("x", 4*tarBlock)), "not a bundle"},
		{"another archive", new(rawBundle).open().file("targets/a", "a").end(), "not a bundle"},
		{"manifest too large", newRawBundleClaiming(maxManifest + 1), "keyrite-bundle.json is 1073741825 bytes, want at most 1073741824"},
		{"manifest shorter than claimed", newRawBundleClaiming(maxManifest), "keyrite-bundle.json is cut off; got 0 bytes"},
		{"manifest is a folder", new(rawBundle).open().entry(&tar.Header{Typeflag: tar.TypeDir, Name: manifestName}, "").end(), "is a folder"},
		{"manifest malformed", newRawBundle("{}").end(), "keyrite-bundle.json is not spelled as keyrite spells it, at byte 0"},
		{"traversal in manifest", newRawBundle(strings.Replace(manifestText(fileA), "targets/a", "targets/../../a", 1)).end(), `"targets/../../a": path leads elsewhere`},
		{"traversal", surplus("../../etc/passwd"), `"../../etc/passwd": want a path below`},
		{"traversal below targets", surplus("targets/../../x"), `"targets/../../x": path leads elsewhere`},
		{"absolute", surplus("/etc/passwd"), `"/etc/passwd": want a path below`},
		{"symbolic link", special(tar.Header{Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), "targets/a: is a symbolic link"},
		{"hard link", special(tar.Header{Typeflag: tar.TypeLink, Linkname: "targets/b"}), "targets/a: is a hard link"},
		{"character device", special(tar.Header{Typeflag: tar.TypeChar}), "targets/a: is a device or pipe"},
		{"block device", special(tar.Header{Typeflag: tar.TypeBlock}), "targets/a: is a device or pipe"},
		{"pipe", special(tar.Header{Typeflag: tar.TypeFifo}), "targets/a: is a device or pipe"},
		{"folder", special(tar.Header{Typeflag: tar.TypeDir}), "targets/a: is a folder"},
		{"folder before files", files().entry(&tar.Header{Typeflag: tar.TypeDir, Name: "targets/"}, "").end(), `"targets/": path leads elsewhere`},
		{"surplus", surplus("targets/aa"), "targets/aa is not in the manifest"},
		{"surplus at the end", files().file("targets/a", "a").file("targets/b", "b").file("targets/c", "c").end(), "targets/c is not in the manifest"},
		{"missing first", files().file("targets/b", "b").end(), "targets/a is missing or out of order; got targets/b"},
		{"missing last", files().file("targets/a", "a").end(), "targets/b is missing; the archive ends at byte 2048"},
		{"twice", surplus("targets/a"), "targets/a comes twice"},
		{"twice at the end", files().file("targets/a", "a").file("targets/b", "b").file("targets/a", "a").end(), "targets/a comes twice"},
		{"out of order", files().file("targets/b", "b").file("targets/a", "a").end(), "targets/a is missing or out of order"},
		{"same-as with content", newRawBundle(manifestText(fileA, sameAs)).file("targets/a", "a").file("targets/b", "a").end(), "targets/b has content, want none"},
		{"larger", files().file("targets/a", "aa").file("targets/b", "b").end(), "targets/a is 2 bytes, want 1"},
		{"smaller", files().file("targets/a", "").file("targets/b", "b").end(), "targets/a is 0 bytes, want 1"},
		{"owner", files().entry(mine, "a").file("targets/b", "b").end(), "targets/a has not the header that keyrite writes"},
		{"content", flip(contentA), "targets/a has other content; got SHA-256"},
		{"padding", flip(contentA + 1), "targets/a: what follows its content, at byte 1537, is not zero"},
		{"damaged header", flip(headerB), "the header at byte 2048 is damaged"},
		{"damaged end", flip(endAB), "the header at byte 3072 is damaged"},
		{"trailing garbage", append(rawAB(), 'x'), "something follows the end of the archive, at byte 4096"},
		{"trailing zero", append(rawAB(), 0), "something follows the end of the archive, at byte 4096"},
		{"second archive", append(rawAB(), rawAB()...), "something follows the end of the archive"},
		{"cut off before a header", rawAB()[:headerB], "targets/b is missing; the archive is cut off at byte 2048"},
		{"cut off in a header", rawAB()[:headerB+100], "the archive is cut off in the header at byte 2048"},
		{"cut off before content", rawAB()[:contentA], "targets/a is cut off; got 0 bytes, want 1"},
		{"cut off in padding", rawAB()[:contentA+9], "targets/a: the archive is cut off after its content"},
		{"cut off before the end", rawAB()[:endAB], "the archive is cut off before its end, at byte 3072"},
		{"cut off in the end", rawAB()[:sizeAB-1], "the archive is cut off before its end, at byte 4095"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := bundleOnDisk(t, test.data)
			_, err := Open(file)
			code := fault.Unverified
			if test.want == "not a bundle" { // but another file
				code = fault.Usage
			}
			if fault.CodeOf(err) != code || !strings.HasPrefix(err.Error(), file+": ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("open: got %v, want %q", err, test.want)
			}
			into := t.TempDir()
			_, err = Unpack(file, filepath.Join(into, "out"))
			if fault.CodeOf(err) != code || !strings.Contains(err.Error(), test.want) {
				t.Errorf("unbundle: got %v, want %q", err, test.want)
			}
			if left, err := os.ReadDir(into); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func (b *rawBundle) open() *rawBundle {
	b.archive = tar.NewWriter(&b.Buffer)
	return b
}

// newRawBundleClaiming is only the header of a manifest of that size.
func newRawBundleClaiming(size int64) []byte {
	header, err := encodeHeader(manifestName, size)
	if err != nil {
		panic(err)
	}
	return header
}

// Every single cut and every flipped bit is noticed.
func TestReadBundleNoticesEveryChange(t *testing.T) {
	data := rawAB()
	if _, err := readBundle(bytes.NewReader(data), ignoreContents); err != nil || len(data) != sizeAB {
		t.Fatalf("got %d bytes and %v", len(data), err)
	}
	for i := range data {
		if _, err := readBundle(bytes.NewReader(data[:i]), ignoreContents); fault.CodeOf(err) != fault.Unverified && i > 0 {
			t.Errorf("cut off at byte %d: %v", i, err)
		}
		for bit := range 8 {
			changed := bytes.Clone(data)
			changed[i] ^= 1 << bit
			if m, err := readBundle(bytes.NewReader(changed), ignoreContents); err == nil && m.Repository == "image" {
				t.Errorf("bit %d of byte %d is ignored", bit, i)
			}
		}
	}
}

// What the reader accepts is, byte for byte, what the writer makes of it.
func FuzzReadBundle(f *testing.F) {
	f.Add(packed(f))
	f.Add(packed(f, bundleFiles()...))
	f.Add(rawAB())
	f.Add(rawAB()[:headerB+100])
	f.Add(newRawBundle(manifestText(fileA)).entry(&tar.Header{Typeflag: tar.TypeSymlink, Name: "targets/a", Linkname: "/"}, "").end())
	f.Fuzz(func(t *testing.T, data []byte) {
		var contents []string
		m, err := readBundle(bytes.NewReader(data), func(m *manifest) visitor {
			contents = make([]string, len(m.Files))
			return func(i int, content io.Reader) error {
				read, err := io.ReadAll(content)
				contents[i] = string(read)
				return err
			}
		})
		if err != nil {
			if code := fault.CodeOf(err); code != fault.Unverified && code != fault.Usage {
				t.Errorf("code %d: %v", code, err)
			}
			return
		}
		var files []File
		for i, listed := range m.Files {
			file := bundleFile(listed.Path, contents[i])
			file.Length, file.SHA256, file.SameAs = listed.Length, listed.SHA256, listed.SameAs
			files = append(files, file)
		}
		var again bytes.Buffer
		if err := Write(&again, m.Head, files); err != nil || !bytes.Equal(again.Bytes(), data) {
			t.Errorf("%v, or written otherwise", err)
		}
	})
}
