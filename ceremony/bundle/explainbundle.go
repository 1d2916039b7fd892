package bundle

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/uptane/keyrite/ceremony/disk"
	"github.com/uptane/keyrite/ceremony/fault"
)

// explain says what is wrong with a header: the archive has the bytes got where
// the entry want, or else its end, should begin.
func (r *bundleReader) explain(m *manifest, start int64, got []byte, want *manifestFile) error {
	header, err := tar.NewReader(io.MultiReader(bytes.NewReader(got), r)).Next()
	switch {
	case err == io.EOF && want != nil:
		return fault.Errorf(fault.Unverified, "%s is missing; the archive ends at byte %d", want.Path, start)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fault.Errorf(fault.Unverified, "the archive is cut off in the header at byte %d", start)
	case err != nil:
		return fault.Errorf(fault.Unverified, "the header at byte %d is damaged: %w", start, err)
	}
	return fault.Errorf(fault.Unverified, "entry at byte %d: %w", start, m.explainEntry(header, want))
}

// explainEntry says what is wrong with an entry that is not want.
func (m *manifest) explainEntry(got *tar.Header, want *manifestFile) error {
	if want != nil && got.Name == want.Path {
		return explainHeader(got, want.Path, want.Length)
	}
	if err := checkBundlePath(got.Name); err != nil {
		return fmt.Errorf("%.300q: %w", got.Name, err)
	}
	for _, file := range m.Files {
		switch {
		case file.Path != got.Name:
		case file.SameAs != "":
			return fmt.Errorf("%s has content, want none as it is the same as %s", file.Path, file.SameAs)
		case want == nil || file.Path < want.Path:
			return fmt.Errorf("%s comes twice", file.Path)
		default:
			return fmt.Errorf("%s is missing or out of order; got %s", want.Path, file.Path)
		}
	}
	return fmt.Errorf("%s is not in the manifest", got.Name)
}

// explainHeader says what is wrong with the header of an entry.
func explainHeader(got *tar.Header, name string, length int64) error {
	switch {
	case got.Typeflag == tar.TypeLink:
		return fault.Errorf(fault.Unverified, "%s: is a hard link, want a regular file", name)
	case got.Typeflag != tar.TypeReg:
		return fault.Errorf(fault.Unverified, "%s: %s, want a regular file", name, disk.ModeName(got.FileInfo().Mode()))
	case got.Size != length:
		return fault.Errorf(fault.Unverified, "%s is %d bytes, want %d", name, got.Size, length)
	default:
		return fault.Errorf(fault.Unverified, "%s has not the header that keyrite writes", name)
	}
}
