package roles

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
)

// File is one metadata file as read: its content, the exact bytes that its
// signatures cover, and the signatures.
type File struct {
	Format     Format
	Name       string // as a Client's Source calls it; empty elsewhere
	Raw        []byte // the file as it stands
	Signed     []byte // canonical bytes of the signed part; a part of Raw where that is canonical
	Signatures []Signature
	Body       Body

	mu      sync.Mutex
	checked map[checkedSignature]error
}

// Read decodes a metadata file of the given format and type. It does not verify
// signatures. data must not change afterwards.
func Read(f Format, t Type, data []byte) (*File, error) {
	if int64(len(data)) > f.MaxBytes(t) {
		return nil, &Error{Offset: -1, Err: fmt.Errorf("file of %d bytes; format %s takes at most %d for %s", len(data), f.Name(), f.MaxBytes(t), t)}
	}
	file := &File{Format: f, Raw: data}
	s := newScanner(data)
	seen := fields{}
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "signatures":
			seen.add("signatures")
			file.Signatures, err = s.signatures(f)
		case "signed":
			seen.add("signed")
			err = file.readSigned(s, t)
		default:
			_, err = s.skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	if err := seen.need("signatures", "signed"); err != nil {
		return nil, err
	}
	return file, nil
}

// readSigned decodes the signed part and sets its canonical bytes, without a
// copy where the file holds just those.
func (file *File) readSigned(s *scanner, t Type) (err error) {
	f := file.Format
	s.peek()
	start := s.pos
	s.olpc, s.ota = true, true
	switch t {
	case TypeRoot:
		body := &Root{}
		file.Body, err = body, s.root(f, body)
	case TypeTargets:
		body := &Targets{}
		file.Body, err = body, s.targets(f, body)
	case TypeSnapshot:
		body := &Snapshot{}
		file.Body, err = body, s.snapshot(f, body)
	case TypeTimestamp:
		body := &Timestamp{}
		file.Body, err = body, s.timestamp(f, body)
	default:
		err = fmt.Errorf("unknown type of metadata %q", t)
	}
	if err == nil {
		err = file.Body.check()
	}
	if err != nil {
		return err
	}
	file.Signed = s.data[start:s.pos]
	if !f.verbatim(s) {
		file.Signed, err = f.Canonical(file.Signed)
	}
	return err
}

func (s *scanner) signatures(f Format) (list []Signature, err error) {
	err = s.array(func(int) error {
		if len(list) >= maxListed {
			return fmt.Errorf("more than %d signatures", maxListed)
		}
		sig, err := s.signature(f)
		if err == nil && slices.ContainsFunc(list, func(o Signature) bool { return o.KeyID == sig.KeyID }) {
			err = fieldf("keyid", "two signatures of key id %s", sig.KeyID)
		}
		list = append(list, sig)
		return err
	})
	return list, err
}

func (s *scanner) signature(f Format) (sig Signature, err error) {
	var text string
	seen := fields{}
	err = s.object(func(name []byte) error {
		switch string(name) {
		case "keyid":
			seen.add("keyid")
			id, err := s.str()
			sig.KeyID = KeyID(id)
			return err
		case "method":
			sig.Method, err = s.str()
			return err
		case "sig":
			seen.add("sig")
			text, err = s.str()
			return err
		}
		_, err := s.skip()
		return err
	})
	if err == nil {
		err = seen.need("keyid", "sig")
	}
	if err != nil {
		return sig, err
	}
	return f.decodeSignature(sig, text)
}

// Draft is a signed part that is ready to be signed: made by Encode, complete
// but for its signatures.
type Draft struct {
	Format Format
	Type   Type
	JSON   []byte // as it will stand in the file
	Signed []byte // the exact bytes to sign; the same slice where both are equal
}

// Encode writes the signed part of a file. It sets spec_version and refuses
// what the format's clients do not take.
func Encode(f Format, b Body) (*Draft, error) {
	h := b.head()
	if h.Version < 1 || h.Version > maxVersion {
		return nil, fieldf("version", "got %d, want 1 to %d", h.Version, int64(maxVersion))
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
	if slices.Contains(w.out, '\\') {
		var err error
		if d.Signed, err = f.Canonical(w.out); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// sizeHint guesses how many bytes a body takes.
func sizeHint(b Body) int {
	if t, ok := b.(*Targets); ok {
		return 4096 + len(t.Images)*400
	}
	return 4096
}

// SHA256 is the digest of the bytes to sign, which people read aloud.
func (d *Draft) SHA256() [sha256.Size]byte { return sha256.Sum256(d.Signed) }

// SignedBy is one finished signature of a draft.
type SignedBy struct {
	Key   Key
	Value []byte
}

// Seal joins a draft and its signatures to a file, after checking each of them
// with the standard library: a file with a bad signature is never made.
func (d *Draft) Seal(signatures []SignedBy) ([]byte, error) {
	w := newWriter(d.Format, make([]byte, 0, len(d.JSON)+len(signatures)*1024+64))
	for _, s := range signatures {
		if err := VerifySignature(s.Key, d.Signed, s.Value); err != nil {
			return nil, fmt.Errorf("signature of key %s: %w", s.Key.ID, err)
		}
	}
	w.object(nil, func() {
		w.field("signatures").list(len(signatures), func(i int) { w.signature(d.Format, signatures[i]) })
		w.field("signed")
		w.out = append(w.out, d.JSON...)
	})
	if int64(len(w.out)) > d.Format.MaxBytes(d.Type) {
		return nil, fmt.Errorf("file of %d bytes; format %s takes at most %d for %s", len(w.out), d.Format.Name(), d.Format.MaxBytes(d.Type), d.Type)
	}
	return w.out, w.err
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
