package disk

import (
	"crypto/sha256"
	"hash"
	"io"

	"github.com/uptane/keyrite/ceremony/fault"
)

// checkedReader passes content on and refuses to end, with the code Unverified,
// if it was not the content that was announced. Who reads up to [io.EOF] has
// verified content.
type checkedReader struct {
	name   string // for errors
	r      io.Reader
	hash   hash.Hash
	read   int64
	length int64
	sha256 [32]byte
}

func NewCheckedReader(name string, r io.Reader, length int64, sum [32]byte) *checkedReader {
	return &checkedReader{name: name, r: r, hash: sha256.New(), length: length, sha256: sum}
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.hash.Write(p[:n])
	c.read += int64(n)
	if c.read > c.length {
		return 0, fault.Errorf(fault.Unverified, "%s is too long; want %d bytes", c.name, c.length)
	}
	if err == io.EOF {
		return n, c.check()
	}
	if err != nil {
		return n, PathError(c.name, err)
	}
	return n, nil
}

// check returns io.EOF if the content is as announced.
func (c *checkedReader) check() error {
	if c.read < c.length {
		return fault.Errorf(fault.Unverified, "%s is cut off; got %d bytes, want %d", c.name, c.read, c.length)
	}
	if got := [32]byte(c.hash.Sum(nil)); got != c.sha256 {
		return fault.Errorf(fault.Unverified, "%s has other content; got SHA-256 %x, want %x", c.name, got, c.sha256)
	}
	return io.EOF
}
