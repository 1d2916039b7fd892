package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/uptane/keyrite/ceremony/digest"
	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// A backup is a tar archive (POSIX.1-2017, pax interchange format) that any tar
// unpacks. Its first entry lists all others, which follow sorted by path, with mode
// 0644, time 0 and owner 0: it is a function of its content, and a reader takes no other
// spelling of it, since it writes again what it read and compares.

// manifestName is the name of the first entry.
const manifestName = "keyrite-backup.json"

// maxManifest bounds the first entry, in bytes: a hundred thousand files.
const maxManifest = 32 << 20

// manifest is the first entry.
type manifest struct {
	Version int    `json:"version"` // of the format: 1
	Fleet   string `json:"fleet"`
	Files   []file `json:"files"` // by path
}

type file struct {
	Path   string        `json:"path"` // below the workspace
	Length int64         `json:"length"`
	SHA256 digest.SHA256 `json:"sha256"`
}

func (m *manifest) encode() ([]byte, error) {
	data, err := json.Marshal(m)
	return append(data, '\n'), err
}

// check refuses what no backup lists.
func (m *manifest) check() error {
	if m.Version != 1 {
		return fault.Errorf(fault.Unverified, "%s: version is %d, want 1", manifestName, m.Version)
	}
	for i, f := range m.Files {
		if err := disk.CheckPath(f.Path); err != nil {
			return fault.Errorf(fault.Unverified, "%s: %w", manifestName, err)
		}
		if f.Length < 0 || f.Length > disk.MaxInput {
			return fault.Errorf(fault.Unverified, "%s: %s: length is %d, want 0 to %d", manifestName, f.Path, f.Length, int64(disk.MaxInput))
		}
		if i > 0 && m.Files[i-1].Path >= f.Path {
			return fault.Errorf(fault.Unverified, "%s: %s is listed twice or out of order", manifestName, f.Path)
		}
	}
	if !slices.ContainsFunc(m.Files, func(f file) bool { return f.Path == workspace.TrustFile }) {
		return fault.Errorf(fault.Unverified, "%s lists no %s", manifestName, workspace.TrustFile)
	}
	return nil
}

func header(name string, length int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: length, Mode: 0o644}
}

// write writes the archive of files as they are read. Content that is not as listed is
// an error, and what was written no backup.
func (m *manifest) write(w io.Writer, read func(name string, limit int64) ([]byte, error)) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	put := func(name string, data []byte) error {
		if err := archive.WriteHeader(header(name, int64(len(data)))); err != nil {
			return err
		}
		_, err := archive.Write(data)
		return err
	}
	if err := put(manifestName, text); err != nil {
		return err
	}
	for _, f := range m.Files {
		data, err := read(f.Path, disk.MaxInput)
		if err != nil {
			return err
		}
		if digest.Of(data) != f.SHA256 {
			return fault.Errorf(fault.Failed, "%s has changed meanwhile", f.Path).Hint("let the other keyrite finish, then make the backup again")
		}
		if err := put(f.Path, data); err != nil {
			return err
		}
	}
	return archive.Close()
}

// read reads an archive from its first to its last byte, hands each file to keep, and
// returns its manifest and hash. What was kept must not be trusted before it has
// succeeded.
func read(archive io.Reader, keep func(name string, data []byte) error) (*manifest, digest.SHA256, error) {
	sum, again := sha256.New(), sha256.New()
	tee := io.TeeReader(archive, sum)
	entries, copied := tar.NewReader(tee), tar.NewWriter(again)
	text, err := entry(entries, copied, manifestName, maxManifest)
	if err != nil {
		return nil, digest.SHA256{}, fault.Errorf(fault.Usage, "not a backup: %w", err)
	}
	m := new(manifest)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, digest.SHA256{}, fault.Errorf(fault.Unverified, "%s: %w", manifestName, err)
	}
	if err := m.check(); err != nil {
		return nil, digest.SHA256{}, err
	}
	if want, err := m.encode(); err != nil || !bytes.Equal(want, text) {
		return nil, digest.SHA256{}, errors.Join(err, fault.Errorf(fault.Unverified, "%s is not spelled as keyrite spells it", manifestName))
	}
	for _, f := range m.Files {
		data, err := entry(entries, copied, f.Path, f.Length)
		if err != nil {
			return nil, digest.SHA256{}, fault.Errorf(fault.Unverified, "%w", err)
		}
		if got := digest.Of(data); got != f.SHA256 || int64(len(data)) != f.Length {
			return nil, digest.SHA256{}, fault.Errorf(fault.Unverified, "%s: got SHA-256 %s and %d bytes, want %s and %d", f.Path, got, len(data), f.SHA256, f.Length)
		}
		if err := keep(f.Path, data); err != nil {
			return nil, digest.SHA256{}, err
		}
	}
	if err := end(tee, entries, copied, func() bool { return bytes.Equal(sum.Sum(nil), again.Sum(nil)) }); err != nil {
		return nil, digest.SHA256{}, err
	}
	return m, digest.SHA256(sum.Sum(nil)), nil
}

// entry reads the entry that must come next, and writes it again.
func entry(entries *tar.Reader, copied *tar.Writer, name string, limit int64) ([]byte, error) {
	h, err := entries.Next()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s is missing, the archive is cut off", name)
	}
	if err != nil {
		return nil, err
	}
	if h.Name != name || h.Size < 0 || h.Size > limit {
		return nil, fmt.Errorf("got %.300q with %d bytes, want %s with at most %d", h.Name, h.Size, name, limit)
	}
	var data bytes.Buffer // the length is a claim
	if _, err := io.Copy(&data, entries); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := copied.WriteHeader(header(name, int64(data.Len()))); err != nil {
		return nil, err
	}
	_, err = copied.Write(data.Bytes())
	return data.Bytes(), err
}

// end reads what follows the last entry, and wants that every byte was as keyrite writes
// it.
func end(archive io.Reader, entries *tar.Reader, copied *tar.Writer, same func() bool) error {
	if h, err := entries.Next(); err == nil {
		return fault.Errorf(fault.Unverified, "%.300q is in the archive and not listed", h.Name)
	} else if !errors.Is(err, io.EOF) {
		return fault.Errorf(fault.Unverified, "after the last file: %w", err)
	}
	if _, err := io.Copy(io.Discard, archive); err != nil {
		return err
	}
	if err := copied.Close(); err != nil {
		return err
	}
	if !same() {
		return fault.Errorf(fault.Unverified, "the archive is not spelled as keyrite writes it; it was damaged or changed")
	}
	return nil
}
