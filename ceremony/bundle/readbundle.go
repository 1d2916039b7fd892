package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// readBundle reads a bundle from its first to its last byte and refuses
// everything that WriteBundle would not have written. It hands the content of
// each file to visit, which must not trust it before readBundle has succeeded.
// Offset is where in the archive the content begins.
//
// What to expect is known from the manifest on, so headers are compared with the
// expected bytes and never interpreted; only to explain a refusal are they parsed.
func readBundle(archive io.Reader, visit func(file manifestFile, offset int64, content io.Reader) error) (*manifest, error) {
	r := &bundleReader{r: bufio.NewReaderSize(archive, 64<<10)}
	m, err := r.manifest()
	if err != nil {
		return nil, err
	}
	for _, file := range m.Files {
		if file.SameAs != "" {
			continue
		}
		if err := r.header(m, file); err != nil {
			return nil, err
		}
		offset := r.offset
		content := disk.NewCheckedReader(file.Path, io.LimitReader(r, file.Length), file.Length, file.SHA256)
		if err := visit(file, offset, content); err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, content); err != nil {
			return nil, err
		}
		if err := r.padding(file.Path, file.Length); err != nil {
			return nil, err
		}
	}
	return m, r.end(m)
}

// tarBlock is the unit of tar archives, in bytes.
const tarBlock = 512

// bundleReader reads the parts of a bundle one after the other.
type bundleReader struct {
	r      io.Reader
	offset int64
}

func (r *bundleReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.offset += int64(n)
	return n, err
}

func (r *bundleReader) manifest() (*manifest, error) {
	notABundle := fault.Errorf(fault.Unverified, "not a bundle; want a tar archive that begins with %s", manifestName)
	block := make([]byte, tarBlock)
	if _, err := io.ReadFull(r, block); err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil, notABundle
	} else if err != nil {
		return nil, err
	}
	got, err := tar.NewReader(bytes.NewReader(block)).Next()
	if err != nil || got.Name != manifestName {
		return nil, notABundle
	}
	if got.Size > maxManifest {
		return nil, fault.Errorf(fault.Unverified, "%s is %d bytes, want at most %d", manifestName, got.Size, maxManifest)
	}
	if want, err := encodeHeader(manifestName, got.Size); err != nil || !bytes.Equal(block, want) {
		return nil, explainHeader(got, manifestName, got.Size)
	}
	// The size is a claim: the memory grows with what is really there.
	var text bytes.Buffer
	if n, err := io.CopyN(&text, r, got.Size); err == io.EOF {
		return nil, fault.Errorf(fault.Unverified, "%s is cut off; got %d bytes, want %d", manifestName, n, got.Size)
	} else if err != nil {
		return nil, err
	}
	if err := r.padding(manifestName, got.Size); err != nil {
		return nil, err
	}
	return parseManifest(text.Bytes())
}

// header reads the header of the file that comes next.
func (r *bundleReader) header(m *manifest, file manifestFile) error {
	want, err := encodeHeader(file.Path, file.Length)
	if err != nil {
		return err
	}
	start, got := r.offset, make([]byte, len(want))
	n, err := io.ReadFull(r, got)
	if errors.Is(err, io.EOF) {
		return fault.Errorf(fault.Unverified, "%s is missing; the archive is cut off at byte %d", file.Path, start)
	}
	if err != nil && err != io.ErrUnexpectedEOF {
		return err
	}
	if bytes.Equal(got, want) {
		return nil
	}
	return r.explain(m, start, got[:n], &file)
}

// padding reads the zeros that fill the last block of an entry.
func (r *bundleReader) padding(name string, length int64) error {
	padding := make([]byte, -length&(tarBlock-1))
	if _, err := io.ReadFull(r, padding); err == io.EOF || err == io.ErrUnexpectedEOF {
		return fault.Errorf(fault.Unverified, "%s: the archive is cut off after its content, at byte %d", name, r.offset)
	} else if err != nil {
		return err
	}
	if !allZero(padding) {
		return fault.Errorf(fault.Unverified, "%s: what follows its content, at byte %d, is not zero", name, r.offset-int64(len(padding)))
	}
	return nil
}

// end reads the two blocks of zeros that end an archive, and that nothing
// follows them.
func (r *bundleReader) end(m *manifest) error {
	start, blocks := r.offset, make([]byte, 2*tarBlock)
	n, err := io.ReadFull(r, blocks)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if !allZero(blocks) {
		return r.explain(m, start, blocks[:n], nil)
	}
	if n < len(blocks) {
		return fault.Errorf(fault.Unverified, "the archive is cut off before its end, at byte %d", r.offset)
	}
	_, err = io.ReadFull(r, blocks[:1])
	if err == nil {
		return fault.Errorf(fault.Unverified, "something follows the end of the archive, at byte %d", r.offset-1)
	}
	if err != io.EOF {
		return err
	}
	return nil
}

func allZero(b []byte) bool {
	return len(bytes.Trim(b, "\x00")) == 0
}
