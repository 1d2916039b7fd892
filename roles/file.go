package roles

import (
	"bytes"
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
	Problem    error // why Read refuses the file; nil unless Inspect has read it

	text      []byte // the signed part as it stands in Raw
	verbatim  bool   // it is canonical
	published []byte // the form that is hashed, nil where it is Raw

	sums    *sums    // of the published form; nil until somebody asks
	message *message // what Signed is; nil until somebody asks

	mu         sync.Mutex
	objections []Objection // once examined
	examined   bool
}

// Read decodes a metadata file of the given format and type. It does not verify
// signatures. data must not change afterwards.
func Read(f Format, t Type, data []byte) (*File, error) { return read(f, t, data, false, nil) }

// Inspect also decodes what stands in old metadata and Read refuses: version or
// threshold 0, other spellings of times and digests, keys and signatures that
// nobody can use. Such a file has a Problem and can be looked at: no signature
// of it counts, and nothing may be signed on top of it.
func Inspect(f Format, t Type, data []byte) (*File, error) {
	file, problem := read(f, t, data, false, nil)
	if problem == nil {
		return file, nil
	}
	file, err := read(f, t, data, true, nil)
	if err != nil {
		return nil, err
	}
	file.Problem = problem
	return file, nil
}

// Published is the file as it is to be published, and as snapshot and timestamp
// state its length and hashes: in ota-ce its canonical form, since vehicles
// parse a file and hash what they write of it; in tuf the file as it stands. Its
// signatures are as good as before, for they cover canonical bytes.
func (file *File) Published() []byte {
	if file.published == nil {
		return file.Raw
	}
	return file.published
}

// read also takes a file that may have the same signed part: that is not read again.
func read(f Format, t Type, data []byte, lenient bool, same *File) (*File, error) {
	if int64(len(data)) > f.MaxBytes(t) {
		return nil, &Error{Offset: -1, Err: fmt.Errorf("file of %d bytes; format %s takes at most %d for %s", len(data), f.Name(), f.MaxBytes(t), t)}
	}
	file := &File{Format: f, Raw: data}
	s := newScanner(data)
	s.lenient = lenient
	around := true // what stands around the signed part is canonical
	seen := fields{}
	err := s.object(func(name []byte) (err error) {
		switch string(name) {
		case "signatures":
			seen.add("signatures")
			file.Signatures, err = s.signatures(f)
		case "signed":
			seen.add("signed")
			s.peek()
			around = f.verbatim(s)
			if !file.takeSigned(s, same) {
				err = file.readSigned(s, t)
			}
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
	if f.rewrites() && !(around && f.verbatim(s)) && !lenient {
		file.published, err = f.Canonical(data)
	}
	return file, err
}

// takeSigned takes the signed part of another file if it stands here, every byte: an
// object of which another is the beginning is no JSON, so it is all that stands here.
func (file *File) takeSigned(s *scanner, same *File) bool {
	if same == nil || !bytes.HasPrefix(s.data[s.pos:], same.text) {
		return false
	}
	s.pos += len(same.text)
	s.olpc, s.ota = same.verbatim, same.verbatim
	file.Signed, file.Body, file.text, file.verbatim, file.message = same.Signed, same.Body, same.text, same.verbatim, same.message
	return true
}

// readSigned decodes the signed part and sets its canonical bytes, without a
// copy where the file holds just those.
func (file *File) readSigned(s *scanner, t Type) (err error) {
	f := file.Format
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
	file.text = s.data[start:s.pos]
	file.Signed, file.verbatim = file.text, f.verbatim(s)
	if !file.verbatim && !s.lenient { // no signature of a file that Inspect reads counts
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
		if err == nil && !s.lenient && slices.ContainsFunc(list, func(o Signature) bool { return o.KeyID == sig.KeyID }) {
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
	sig, err = f.decodeSignature(sig, text)
	if err != nil && s.lenient {
		sig.Value, sig.Problem, err = nil, err, nil
	}
	return sig, err
}
