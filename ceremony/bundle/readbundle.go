package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"strings"

	"github.com/uptane/keyrite/ceremony/cores"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// A bundle is read from its first to its last byte, each of them once, and
// everything is refused that Write would not have written. What to expect is known
// from the manifest on, so headers are compared with the expected bytes and never
// interpreted; only to explain a refusal are they parsed. Where each entry begins is
// known as well, so all cores read.

// visitor takes the content of the file with an index in the manifest. It is called
// for several files at once.
type visitor func(i int, content io.Reader) error

// readBundle hands the content of each file that has bytes of its own to a visitor
// that knows the manifest. What it gets must not be trusted before readBundle has
// succeeded.
func readBundle(archive archive, visitorOf func(*manifest) visitor) (*manifest, error) {
	r := readerAt(archive, 0)
	m, err := r.manifest(archive.Size())
	if err != nil {
		return nil, err
	}
	return m, m.contents(archive, r.offset, visitorOf(m))
}

// contents reads all entries after the manifest, which ends at start.
func (m *manifest) contents(archive io.ReaderAt, start int64, visit visitor) error {
	runs, end, err := m.runs(start)
	if err != nil {
		return err
	}
	err = cores.Each(len(runs), func() func(int) error {
		w := &worker{manifest: m, archive: archive, visit: visit, buffer: make([]byte, min(copyBytes, end))}
		return func(i int) error { return w.run(runs[i]) }
	})
	if err != nil {
		return err
	}
	return readerAt(archive, end).end(m)
}

// run is some files whose entries one worker reads one after the other.
type run struct {
	start      int64 // where in the archive the first of them begins
	first, end int   // in manifest.Files
}

// runBytes is about how much of the archive a run is, if no file is larger.
const runBytes = 1 << 20

// runs lays out the archive after its manifest, and returns where the entries end.
func (m *manifest) runs(start int64) (runs []run, end int64, err error) {
	r, end := run{start: start}, start
	for i := range m.Files {
		file := &m.Files[i]
		if file.SameAs == "" {
			header, err := headerLength(file.Path, file.Length)
			if err != nil {
				return nil, 0, err
			}
			end += header + file.Length + paddingLength(file.Length)
		}
		if r.end = i + 1; end-r.start >= runBytes || r.end == len(m.Files) {
			runs = append(runs, r)
			r = run{end, r.end, r.end}
		}
	}
	return runs, end, nil
}

// worker reads one run after the other.
type worker struct {
	manifest *manifest
	archive  io.ReaderAt
	visit    visitor
	buffer   []byte
}

// copyBytes is how much is hashed at a time: little enough to stay near the core.
const copyBytes = 128 << 10

func (w *worker) run(run run) error {
	r := readerAt(w.archive, run.start)
	for i := run.first; i < run.end; i++ {
		if w.manifest.Files[i].SameAs != "" {
			continue
		}
		if err := w.entry(r, i); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) entry(r *bundleReader, i int) error {
	file := &w.manifest.Files[i]
	if err := r.header(w.manifest, file); err != nil {
		return err
	}
	content := &content{disk.NewCheckedReader(file.Path, io.LimitReader(r, file.Length), file.Length, file.SHA256), w.buffer}
	if err := w.visit(i, content); err != nil {
		return err
	}
	if _, err := content.WriteTo(io.Discard); err != nil {
		return err
	}
	return r.padding(file.Path, file.Length)
}

// content is the content of a file. It is copied without a buffer for each.
type content struct {
	io.Reader
	buffer []byte
}

func (c *content) WriteTo(w io.Writer) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{w}, c.Reader, c.buffer)
}

// bundleReader reads the parts of a bundle one after the other.
type bundleReader struct {
	r      io.Reader
	offset int64
}

// readerAt reads an archive from offset on.
func readerAt(archive io.ReaderAt, offset int64) *bundleReader {
	section := io.NewSectionReader(archive, offset, math.MaxInt64-offset)
	return &bundleReader{bufio.NewReaderSize(section, aheadBytes), offset}
}

// aheadBytes is how much is read at a time where entries are small.
const aheadBytes = 32 << 10

func (r *bundleReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.offset += int64(n)
	return n, err
}

// manifest reads the first entry of an archive of that size.
func (r *bundleReader) manifest(archiveSize int64) (*manifest, error) {
	notABundle := fault.Errorf(fault.Usage, "not a bundle; want a tar archive that begins with %s", manifestName)
	block := make([]byte, tarBlock)
	switch n, err := io.ReadFull(r, block); {
	case n > 0 && n < tarBlock && strings.HasPrefix(manifestName, string(block[:min(n, len(manifestName))])):
		return nil, fault.Errorf(fault.Unverified, "the archive is cut off in its first header, at byte %d", n)
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return nil, notABundle
	case err != nil:
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
	var text strings.Builder
	text.Grow(int(min(got.Size, archiveSize))) // the size is a claim
	if n, err := io.CopyN(&text, r, got.Size); err == io.EOF {
		return nil, fault.Errorf(fault.Unverified, "%s is cut off; got %d bytes, want %d", manifestName, n, got.Size)
	} else if err != nil {
		return nil, err
	}
	if err := r.padding(manifestName, got.Size); err != nil {
		return nil, err
	}
	return parseManifest(text.String())
}

// header reads the header of the file that comes next.
func (r *bundleReader) header(m *manifest, file *manifestFile) error {
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
	return r.explain(m, start, got[:n], file)
}

// padding reads the zeros that fill the last block of an entry.
func (r *bundleReader) padding(name string, length int64) error {
	padding := make([]byte, paddingLength(length))
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
