package roles

import (
	"encoding/hex"
	"errors"
	"slices"
)

// DetectFormat tells the format of a metadata file from all of it. Whoever
// verifies detects the format once, on the trusted root, and holds every other
// file to it.
func DetectFormat(data []byte) (Format, error) {
	f, _, err := Detect(data)
	return f, err
}

// Detect tells format and type of a metadata file: by the spelling of its
// `_type`, unless its signatures say that it is of neither format.
func Detect(data []byte) (Format, Type, error) {
	looks, err := look(data)
	if err != nil {
		return nil, "", err
	}
	for _, f := range Formats {
		for _, t := range TopLevel {
			if f.typeName(t) != looks.kind {
				continue
			}
			if f == OTACE {
				err = looks.foreign()
			}
			return f, t, err
		}
	}
	return nil, "", fieldf("signed._type", "got %s, want the type of a metadata file", Quote(looks.kind))
}

// looks is what a file looks like before its format is known.
type looks struct {
	kind    string   // `signed._type`
	methods []string // of the signatures
	values  []string // `sig`
}

// foreign names the formats that share the `_type` of ota-ce and are another.
func (l looks) foreign() error {
	switch {
	case len(l.values) > 0 && !slices.ContainsFunc(l.values, func(sig string) bool { return !isHex(sig) }):
		return fieldf("signatures", "hexadecimal beside _type %q is the format of Uptane's reference implementation and of TUF before 1.0, which keyrite does not read; ota-ce has base64", l.kind)
	case slices.Contains(l.methods, "ecdsa") || slices.Contains(l.methods, "rsapss"):
		return fieldf("signatures", "methods %q beside _type %q are the format of Notary, which keyrite does not read", l.methods, l.kind)
	}
	return nil
}

// isHex says whether a text is the hexadecimal form of a signature: 64 bytes or
// more, which in base64 would never be without a letter behind f.
func isHex(text string) bool {
	value, err := hex.DecodeString(text)
	return err == nil && len(value) >= 64
}

// look reads what tells formats apart, and as much of the rest as it takes to
// see that it is JSON.
func look(data []byte) (l looks, err error) {
	s, signed := newScanner(data), false
	err = s.object(func(name []byte) (err error) {
		switch string(name) {
		case "signatures":
			return s.array(func(int) error { return s.lookSignature(&l) })
		case "signed":
			signed = true
			return s.members(map[string]*string{"_type": &l.kind})
		}
		_, err = s.skip()
		return err
	})
	if err == nil && !signed {
		err = errors.New("got JSON without `signed`, want a metadata file")
	}
	return l, err
}

func (s *scanner) lookSignature(l *looks) error {
	var method, sig string
	err := s.members(map[string]*string{"method": &method, "sig": &sig})
	if len(l.values) < maxListed {
		l.methods, l.values = append(l.methods, method), append(l.values, sig)
	}
	return err
}

// members reads some texts of an object and passes over the others.
func (s *scanner) members(wanted map[string]*string) error {
	return s.object(func(name []byte) (err error) {
		if to := wanted[string(name)]; to != nil && s.peek() == '"' {
			*to, err = s.str()
			return err
		}
		_, err = s.skip()
		return err
	})
}
