package roles

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"slices"
)

// maxDepth bounds the nesting of objects and arrays, so that no input can
// exhaust the stack. Real metadata is at most eight deep.
const maxDepth = 64

// scanner reads one JSON text strictly, in a single pass and without building
// a tree. Each method consumes one value and fails with an *Error that has the
// byte offset. It refuses what the clients of a vehicle would read differently
// from a person: duplicate names, floats, exponents, -0, a byte order mark,
// bytes after the end, invalid UTF-8, lone surrogates, and text that is not in
// normal form C (Uptane Standard 2.1.0 §5.2, RFC 5198).
//
// While it reads it also notes whether the bytes seen so far already are in
// either canonical form, so that a canonical file is verified as it stands,
// without a copy.
type scanner struct {
	data    []byte
	pos     int
	depth   int
	names   []int // offsets of the names of all open objects, innermost last
	scratch []byte

	custom  []byte // the last one that was read
	sums256 slab[[sha256.Size]byte]
	sums512 slab[[sha512.Size]byte]
	paths   textSlab

	lenient bool // takes what Inspect takes

	olpc bool // what was read so far is OLPC canonical
	ota  bool // what was read so far is ota-ce canonical
}

func newScanner(data []byte) *scanner {
	return &scanner{data: data, olpc: true, ota: true}
}

// least is the smallest number that may stand somewhere: for Inspect, 0.
func (s *scanner) least(n int64) int64 {
	if s.lenient {
		return 0
	}
	return n
}

func (s *scanner) errorf(offset int, format string, args ...any) error {
	return &Error{Offset: offset, Err: fmt.Errorf(format, args...)}
}

// unexpected reports the byte at the current position.
func (s *scanner) unexpected(want string) error {
	if s.pos >= len(s.data) {
		return s.errorf(s.pos, "the file ends early; want %s", want)
	}
	if bytes.HasPrefix(s.data[s.pos:], []byte("\xef\xbb\xbf")) {
		return s.errorf(s.pos, "got a byte order mark, want %s", want)
	}
	return s.errorf(s.pos, "got %q, want %s", s.data[s.pos], want)
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
			s.olpc, s.ota = false, false
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) expect(c byte, want string) error {
	if s.peek() != c || s.pos >= len(s.data) {
		return s.unexpected(want)
	}
	s.pos++
	return nil
}

// end demands that nothing but white space is left.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return s.unexpected("the end of the file")
	}
	return nil
}

func (s *scanner) enter() error {
	if s.depth++; s.depth > maxDepth {
		return s.errorf(s.pos, "nested too deeply; want at most %d levels", maxDepth)
	}
	return nil
}

// object calls member for each member with its decoded name, positioned at the
// value, which member must consume.
func (s *scanner) object(member func(name []byte) error) error {
	if err := s.expect('{', "an object"); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	first, sorted := len(s.names), true
	var last []byte
	for more := s.peek() != '}'; more; {
		s.peek()
		offset := s.pos
		text, err := s.text()
		if err != nil {
			return err
		}
		if len(s.names) > first {
			switch bytes.Compare(last, text) {
			case 0:
				return s.errorf(offset, "the name %s is given twice: programs take the last, people read the first", Quote(string(text)))
			case 1:
				sorted, s.olpc, s.ota = false, false, false
			}
		}
		s.names, last = append(s.names, offset), text
		if err := s.expect(':', "':'"); err != nil {
			return err
		}
		if err := member(text); err != nil {
			return within(string(text), err)
		}
		if more = s.peek() == ','; more {
			s.pos++
		}
	}
	s.depth--
	if err := s.expect('}', "',' or '}'"); err != nil {
		return err
	}
	return s.closeNames(first, sorted)
}

// closeNames forgets the names of an object that ends here. Names in ascending
// order cannot repeat unless neighbours do, so only a disordered object needs
// the search for duplicates. For that its names are read again.
func (s *scanner) closeNames(first int, sorted bool) error {
	offsets := s.names[first:]
	s.names = s.names[:first]
	if sorted {
		return nil
	}
	type name struct {
		text   []byte
		offset int
	}
	names, end := make([]name, len(offsets)), s.pos
	for i, offset := range offsets {
		s.pos = offset
		text, err := s.text()
		if err != nil {
			return err
		}
		names[i] = name{text, offset}
	}
	s.pos = end
	slices.SortFunc(names, func(a, b name) int {
		if c := bytes.Compare(a.text, b.text); c != 0 {
			return c
		}
		return a.offset - b.offset
	})
	for i := 1; i < len(names); i++ {
		if bytes.Equal(names[i-1].text, names[i].text) {
			return s.errorf(names[i].offset, "the name %s is given twice: programs take the last, people read the first", Quote(string(names[i].text)))
		}
	}
	return nil
}

// array calls element for each element, positioned at it.
func (s *scanner) array(element func(i int) error) error {
	if err := s.expect('[', "an array"); err != nil {
		return err
	}
	if err := s.enter(); err != nil {
		return err
	}
	for i, more := 0, s.peek() != ']'; more; i++ {
		if err := element(i); err != nil {
			return within(fmt.Sprintf("[%d]", i), err)
		}
		if more = s.peek() == ','; more {
			s.pos++
		}
	}
	s.depth--
	return s.expect(']', "',' or ']'")
}

func (s *scanner) boolean() (bool, error) {
	switch s.peek() {
	case 't':
		return true, s.word("true")
	case 'f':
		return false, s.word("false")
	}
	return false, s.unexpected("true or false")
}

func (s *scanner) word(w string) error {
	if !bytes.HasPrefix(s.data[s.pos:], []byte(w)) {
		return s.errorf(s.pos, "got an unknown word, want %s", w)
	}
	s.pos += len(w)
	return nil
}

// skip checks one value of any kind and returns its bytes as they stand.
func (s *scanner) skip() ([]byte, error) {
	c := s.peek()
	start := s.pos
	var err error
	switch c {
	case '{':
		err = s.object(func([]byte) error { _, err := s.skip(); return err })
	case '[':
		err = s.array(func(int) error { _, err := s.skip(); return err })
	case '"':
		_, err = s.text()
	case 't', 'f':
		_, err = s.boolean()
	case 'n':
		err = s.word("null")
	default:
		if c != '-' && (c < '0' || '9' < c) {
			return nil, s.unexpected("a value")
		}
		_, err = s.digits()
	}
	return s.data[start:s.pos], err
}
