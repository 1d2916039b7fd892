package takeover

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
)

// maxArchive bounds an archive, packed and unpacked, in bytes: credentials and keys
// are small, and nothing else comes in one.
const maxArchive = 64 << 20

// zip reads credentials.zip of OTA Community Edition: root.json and nothing else. A
// private key in it is refused by its name, since the archive would go on being
// carried about with it.
func (r *reader) zip(name string, data []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return damaged(name, err)
	}
	unpacked := int64(maxArchive)
	for _, entry := range archive.File {
		if err := r.count(name); err != nil {
			return err
		}
		content, err := readEntry(entry, &unpacked)
		where := path.Join(name, entry.Name)
		if err != nil {
			return damaged(where, err)
		}
		if isPrivateName(entry.Name) || isPrivate(content) {
			return private(where)
		}
		if path.Base(entry.Name) == "root.json" {
			if err := r.take(where, content); err != nil {
				return err
			}
		}
	}
	return nil
}

func readEntry(entry *zip.File, left *int64) ([]byte, error) {
	from, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer from.Close()
	return readSome(from, left)
}

// readSome reads what is left of an archive's bound at most.
func readSome(from io.Reader, left *int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, *left+1))
	if *left -= int64(len(data)); err == nil && *left < 0 {
		err = fmt.Errorf("the archive holds more than %d bytes", maxArchive)
	}
	return data, err
}

// tgz reads the archive in which fioctl keeps the keys of a factory: the public
// halves. Private ones are passed over, and named.
func (r *reader) tgz(name string, data []byte) error {
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return damaged(name, err)
	}
	left := int64(maxArchive)
	archive := tar.NewReader(io.LimitReader(unpacked, maxArchive+1))
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = r.count(name)
		}
		if err == nil {
			err = r.entry(path.Join(name, entry.Name), entry, archive, &left)
		}
		if err != nil {
			return damaged(name, err)
		}
	}
}

func (r *reader) entry(where string, entry *tar.Header, from io.Reader, left *int64) error {
	switch {
	case entry.Typeflag != tar.TypeReg:
		return nil
	case isPrivateName(entry.Name):
		r.leave(where)
		return nil
	case kindOf(entry.Name) == other:
		return nil
	}
	content, err := readSome(from, left)
	if err != nil {
		return err
	}
	return r.take(where, content)
}

// damaged says that an archive cannot be read.
func damaged(where string, err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		return err
	}
	return fault.Errorf(fault.Unverified, "%s: cannot be read: %w", where, err)
}

// isPrivateName says whether a file is called as tools call private keys.
func isPrivateName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".sec", ".key", ".p12", ".pfx":
		return true
	}
	return false
}
