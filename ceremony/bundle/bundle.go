package bundle

import (
	"archive/tar"
	"bufio"
	"io"
	"slices"
	"strings"

	"github.com/uptane/keyrite/ceremony/disk"
)

// A bundle carries one repository out of the ceremony room: its metadata,
// what proves how it came about, and, if wanted, its images. It is a tar archive (POSIX.1-2017, pax interchange
// format) that any tar unpacks. Its first entry is a manifest that lists all
// others; they follow sorted by path, with mode 0644, time 0 and owner 0. An
// archive is thus a function of its content, and a reader accepts no other
// spelling of it.

// File is one file to be put into a bundle.
type File struct {
	Path   string                        // below `metadata/`, `targets/` or `evidence/`
	Open   func() (io.ReadCloser, error) // not used when SameAs is set
	Length int64                         // in bytes
	SHA256 [32]byte

	// SameAs is the Path of another file with the same content, which is then
	// stored once: repositories list an image under several hash names.
	SameAs string
}

// Write writes a bundle of the given files, in whatever order they come.
// Content that has not the announced length and hash is an error with the code
// Unverified; what was written until then is no bundle.
func Write(w io.Writer, head Head, files []File) error {
	files = slices.SortedFunc(slices.Values(files), func(a, b File) int {
		return strings.Compare(a.Path, b.Path)
	})
	text, err := newManifest(head, files).encode()
	if err != nil {
		return err
	}
	// The reader's rules hold for the writer: never write what it refuses.
	if _, err := parseManifest(string(text)); err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(w, 1<<20)
	archive := tar.NewWriter(buffered)
	if err := archive.WriteHeader(bundleHeader(manifestName, int64(len(text)))); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	for _, file := range files {
		if file.SameAs != "" {
			continue
		}
		if err := writeBundleFile(archive, file); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}

func writeBundleFile(archive *tar.Writer, file File) error {
	if err := archive.WriteHeader(bundleHeader(file.Path, file.Length)); err != nil {
		return err
	}
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(archive, disk.NewCheckedReader(file.Path, content, file.Length, file.SHA256))
	return err
}
