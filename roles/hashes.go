package roles

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
)

// Hashes are the digests of a file, by the algorithms that clients know. The
// zero value means none.
type Hashes struct {
	SHA256 *[sha256.Size]byte
	SHA512 *[sha512.Size]byte
	Other  []Member // algorithms that keyrite does not know, kept and not checked
}

// HashesOf computes both digests of a file.
func HashesOf(data []byte) Hashes {
	a, b := sha256.Sum256(data), sha512.Sum512(data)
	return Hashes{SHA256: &a, SHA512: &b}
}

// Any says whether there is a digest that can be checked.
func (h Hashes) Any() bool { return h.SHA256 != nil || h.SHA512 != nil }

// Hasher computes the digests of content that is written to it.
type Hasher struct {
	sha256, sha512 hash.Hash
	length         int64
}

// NewHasher returns a Hasher with nothing written to it.
func NewHasher() *Hasher { return &Hasher{sha256: sha256.New(), sha512: sha512.New()} }

// Write never fails.
func (h *Hasher) Write(p []byte) (int, error) {
	h.sha256.Write(p)
	h.sha512.Write(p)
	h.length += int64(len(p))
	return len(p), nil
}

// Sum returns the digests and the length, in bytes, of what was written.
func (h *Hasher) Sum() (Hashes, int64) {
	a, b := [sha256.Size]byte(h.sha256.Sum(nil)), [sha512.Size]byte(h.sha512.Sum(nil))
	return Hashes{SHA256: &a, SHA512: &b}, h.length
}

// Match compares listed digests with those of the content. Every known digest
// that is listed must agree, and at least one must be listed (Uptane Standard
// 2.1.0 §5.4.3.4).
func (h Hashes) Match(got Hashes) error {
	if !h.Any() {
		return fmt.Errorf("no digest that can be checked is listed")
	}
	if h.SHA256 != nil && *h.SHA256 != *got.SHA256 {
		return fmt.Errorf("sha256 is %x, want %x", *got.SHA256, *h.SHA256)
	}
	if h.SHA512 != nil && *h.SHA512 != *got.SHA512 {
		return fmt.Errorf("sha512 is %x, want %x", *got.SHA512, *h.SHA512)
	}
	return nil
}

// hashes reads a `hashes` object. Hexadecimal digits are lower case, as every
// client wants them.
func (s *scanner) hashes() (h Hashes, err error) {
	err = s.object(func(name []byte) error {
		switch string(name) {
		case "sha256":
			h.SHA256 = s.sums256.next()
			return s.hexBytes(h.SHA256[:])
		case "sha512":
			h.SHA512 = s.sums512.next()
			return s.hexBytes(h.SHA512[:])
		}
		return s.keep(&h.Other, name)
	})
	return h, err
}

// hexBytes reads a string of exactly len(dst) bytes in lower-case hexadecimal.
// Most of a targets file is such strings, so the sound one is read in one go.
func (s *scanner) hexBytes(dst []byte) error {
	s.peek()
	if end := s.pos + 1 + 2*len(dst); end < len(s.data) && s.data[s.pos] == '"' && s.data[end] == '"' {
		if decodeHex(dst, s.data[s.pos+1:end]) {
			s.pos = end + 1
			return nil
		}
	}
	start := s.pos
	text, err := s.text()
	if err != nil {
		return err
	}
	if len(text) != 2*len(dst) {
		return s.errorf(start, "got %d characters, want %d hexadecimal digits", len(text), 2*len(dst))
	}
	if s.lenient {
		text = bytes.ToLower(text)
	}
	if !decodeHex(dst, text) {
		return s.errorf(start, "got %q, want lower-case hexadecimal digits", text)
	}
	return nil
}

// keep stores an unknown member as it stands.
func (s *scanner) keep(list *[]Member, name []byte) error {
	raw, err := s.skip()
	*list = append(*list, Member{Name: string(name), Raw: raw})
	return err
}
