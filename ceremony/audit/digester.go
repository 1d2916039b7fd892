package audit

import (
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"io"

	"github.com/uptane/keyrite/roles"
)

// digester takes the digests of one file after the other.
type digester struct {
	sha256, sha512 hash.Hash
	buffer         []byte
}

func newDigester() *digester {
	const readBytes = 128 << 10 // little enough to stay near the core
	return &digester{sha256.New(), sha512.New(), make([]byte, readBytes)}
}

// digests reads a file once and takes the digests that are listed for the image,
// and no others. It reads no further than is needed to see that the file is too long.
func (d *digester) digests(file io.Reader, image *roles.Image) (digests roles.Hashes, length int64, err error) {
	listed := image.Hashes
	var to []io.Writer
	if listed.SHA256 != nil {
		d.sha256.Reset()
		to = append(to, d.sha256)
	}
	if listed.SHA512 != nil {
		d.sha512.Reset()
		to = append(to, d.sha512)
	}
	content := io.LimitReader(file, image.Length+1)
	if length, err = io.CopyBuffer(io.MultiWriter(to...), content, d.buffer); err != nil {
		return digests, length, err
	}
	if listed.SHA256 != nil {
		digests.SHA256 = (*[sha256.Size]byte)(d.sha256.Sum(nil))
	}
	if listed.SHA512 != nil {
		digests.SHA512 = (*[sha512.Size]byte)(d.sha512.Sum(nil))
	}
	return digests, length, nil
}
