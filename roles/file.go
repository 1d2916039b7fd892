package roles

import (
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
