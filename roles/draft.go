package roles

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Draft is a signed part that is ready to be signed: made by Encode, complete
// but for its signatures.
type Draft struct {
	Format Format
	Type   Type
	JSON   []byte // as it will stand in the file
	Signed []byte // the exact bytes to sign; the same slice where both are equal

	message *message // what Signed is
	read    *File    // of JSON, once it was read back
}

// Encode writes the signed part of a file. It sets spec_version and refuses
// what the format's clients do not take.
func Encode(f Format, b Body) (*Draft, error) {
	d, err := encode(f, b)
	if err != nil {
		return nil, err
	}
	if o := refusal(Objections(f, b)); o != nil {
		return nil, fieldf(strings.TrimPrefix(o.Field, "signed."), "%w", o.Err)
	}
	field, keys := listedKeys(b)
	if doubled := twins(keys); doubled != nil {
		return nil, fieldf(field, "%w", doubled[0])
	}
	return d, nil
}

// encode also writes what clients do not take, where it is only compared.
func encode(f Format, b Body) (*Draft, error) {
	h := b.head()
	if h.Version < 1 || h.Version > MaxVersion {
		return nil, fieldf("version", "got %d, want 1 to %d", h.Version, int64(MaxVersion))
	}
	if err := checkTime(h.Expires); err != nil {
		return nil, err
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	w := newWriter(f, make([]byte, 0, sizeHint(b)))
	b.write(f, w)
	if w.err != nil {
		return nil, w.err
	}
	d := &Draft{Format: f, Type: b.Type(), JSON: w.out, Signed: w.out}
	if bytes.IndexByte(w.out, '\\') >= 0 {
		var err error
		if d.Signed, err = f.Canonical(w.out); err != nil {
			return nil, err
		}
	}
	d.message = d.message.over(d.Signed)
	return d, nil
}

// sizeHint guesses how many bytes a body takes: rather too many, since a buffer
// that has to grow is held twice.
func sizeHint(b Body) int {
	t, ok := b.(*Targets)
	if !ok {
		return 4096
	}
	size := 1 << 16
	for i := range t.Images {
		size += t.Images[i].sizeHint()
	}
	return size
}

func (i *Image) sizeHint() int {
	size := len(`"":{"custom":,"hashes":{},"length":1234567890},`) + len(i.Path) + len(i.Custom)
	if i.Hashes.SHA256 != nil {
		size += len(`"sha256":"",`) + 2*sha256.Size
	}
	if i.Hashes.SHA512 != nil {
		size += len(`"sha512":"",`) + 2*sha512.Size
	}
	for _, m := range slices.Concat(i.Extra, i.Hashes.Other) {
		size += len(`"":,`) + len(m.Name) + len(m.Raw)
	}
	return size
}

// SHA256 is the digest of the bytes to sign, which people read aloud.
func (d *Draft) SHA256() [sha256.Size]byte { return d.message.over(d.Signed).sums.sha256(d.Signed) }

// Verify checks one signature of the draft as VerifySignature does, once.
func (d *Draft) Verify(k Key, signature []byte) error {
	return d.message.over(d.Signed).verify(k, signature)
}

// ReadBack reads a file that was made of the draft and demands that it holds the bytes
// to sign, every one. What is known of their signatures is known of the file's; a signed
// part that was read back once is compared with what was read then.
func (d *Draft) ReadBack(file []byte) (*File, error) {
	f, err := read(d.Format, d.Type, file, false, d.read)
	if err != nil {
		return nil, fmt.Errorf("does not read back: %w", err)
	}
	if d.read == nil || &f.Signed[0] != &d.read.Signed[0] {
		if !bytes.Equal(f.Signed, d.Signed) {
			return nil, errors.New("reads back with other bytes to sign")
		}
		f.Signed, f.message = d.Signed, d.message.over(d.Signed)
		d.read = f
	}
	return f, nil
}

// SignedBy is one finished signature of a draft.
type SignedBy struct {
	Key   Key
	Value []byte
}

// Seal joins a draft and its signatures to a file, after checking each of them with the
// standard library: a file with a bad signature is never made.
func (d *Draft) Seal(signatures []SignedBy) ([]byte, error) {
	if err := d.verify(signatures); err != nil {
		return nil, err
	}
	parts, err := d.parts(signatures)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	file := make([]byte, 0, size) // it is large, and a buffer would clear it first
	for _, part := range parts {
		file = append(file, part...)
	}
	return file, nil
}

// parts are those of the file, in order: signatures, signed part, end.
func (d *Draft) parts(signatures []SignedBy) ([][]byte, error) {
	w := newWriter(d.Format, nil)
	w.object(nil, func() {
		w.field("signatures").list(len(signatures), func(i int) { w.signature(d.Format, signatures[i]) })
		w.field("signed")
	})
	if w.err != nil {
		return nil, w.err
	}
	end := len(w.out) - 1 // the closing brace, which follows the signed part
	if size := int64(len(w.out) + len(d.JSON)); size > d.Format.MaxBytes(d.Type) {
		return nil, fmt.Errorf("file of %d bytes; format %s takes at most %d for %s", size, d.Format.Name(), d.Format.MaxBytes(d.Type), d.Type)
	}
	return [][]byte{w.out[:end], d.JSON, w.out[end:]}, nil
}

// verify checks the signatures side by side: over a large file each takes a
// while.
func (d *Draft) verify(signatures []SignedBy) error {
	errs := make([]error, len(signatures))
	var wait sync.WaitGroup
	for i, s := range signatures {
		wait.Go(func() {
			if err := d.Verify(s.Key, s.Value); err != nil {
				errs[i] = fmt.Errorf("signature of key %s: %w", s.Key.ID, err)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

func (w *writer) signature(f Format, s SignedBy) {
	w.object(nil, func() {
		w.field("keyid").text(string(s.Key.ID))
		if m := f.method(s.Key); m != "" {
			w.field("method").text(m)
		}
		w.field("sig").text(f.encodeSignature(s.Value))
	})
}
