package roles

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
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

	olpc bool // what was read so far is OLPC canonical
	ota  bool // what was read so far is ota-ce canonical
}

func newScanner(data []byte) *scanner {
	return &scanner{data: data, olpc: true, ota: true}
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
				return s.errorf(offset, "duplicate name %q", text)
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
			return s.errorf(names[i].offset, "duplicate name %q", names[i].text)
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

// plain marks the bytes that may stand in a string as they are in every form.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// text reads a string and returns its decoded UTF-8. The result aliases the
// input where it holds no escapes.
func (s *scanner) text() ([]byte, error) {
	if err := s.expect('"', "a string"); err != nil {
		return nil, err
	}
	start, data := s.pos, s.data
	i := start
	for i < len(data) && plain[data[i]] {
		i++
	}
	if i < len(data) && data[i] == '"' {
		s.pos = i + 1
		return data[start:i], nil
	}
	return s.textSlow(start)
}

// textSlow reads a string that holds escapes or anything outside ASCII.
func (s *scanner) textSlow(start int) ([]byte, error) {
	var decoded []byte
	for s.pos = start; ; {
		if s.pos >= len(s.data) {
			return nil, s.unexpected("the end of a string")
		}
		c := s.data[s.pos]
		if c == '"' {
			break
		}
		var err error
		if decoded, err = s.char(decoded, c); err != nil {
			return nil, err
		}
	}
	raw := s.data[start:s.pos]
	s.pos++
	if !norm.NFC.IsNormal(decoded) {
		return nil, s.errorf(start, "text %+q is not in Unicode normal form C", decoded)
	}
	s.note(raw, decoded)
	return decoded, nil
}

// note compares a string with what the canonical forms would make of it.
func (s *scanner) note(raw, decoded []byte) {
	if s.olpc {
		s.scratch = appendOLPC(s.scratch[:0], decoded)
		s.olpc = bytes.Equal(s.scratch, raw)
	}
	if s.ota {
		s.scratch = appendOTA(s.scratch[:0], decoded)
		s.ota = bytes.Equal(s.scratch, raw)
	}
}

// char appends one character, escaped or not, to a string being decoded.
func (s *scanner) char(dst []byte, c byte) ([]byte, error) {
	switch {
	case c == '\\':
		return s.escape(dst)
	case c < 0x20:
		return nil, s.errorf(s.pos, "got a raw control character %#02x in a string", c)
	case c < utf8.RuneSelf:
		s.pos++
		return append(dst, c), nil
	}
	r, size := utf8.DecodeRune(s.data[s.pos:])
	if r == utf8.RuneError && size <= 1 {
		return nil, s.errorf(s.pos, "got invalid UTF-8 in a string")
	}
	dst = append(dst, s.data[s.pos:s.pos+size]...)
	s.pos += size
	return dst, nil
}

// escapes maps the letter of a two-character escape to what it stands for.
var escapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func (s *scanner) escape(dst []byte) ([]byte, error) {
	start := s.pos
	if s.pos+1 >= len(s.data) {
		s.pos = len(s.data)
		return nil, s.unexpected("an escape sequence")
	}
	letter := s.data[s.pos+1]
	s.pos += 2
	if letter != 'u' {
		c, ok := escapes[letter]
		if !ok {
			return nil, s.errorf(start, "unknown escape \\%c", letter)
		}
		return append(dst, c), nil
	}
	r, err := s.hex4(start)
	if err != nil {
		return nil, err
	}
	if utf16.IsSurrogate(r) {
		if !bytes.HasPrefix(s.data[s.pos:], []byte(`\u`)) {
			return nil, s.errorf(start, "lone surrogate in a string")
		}
		s.pos += 2
		low, err := s.hex4(start)
		if err != nil {
			return nil, err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return nil, s.errorf(start, "lone surrogate in a string")
		}
	}
	return utf8.AppendRune(dst, r), nil
}

// hex4 reads the four digits of a \u escape that began at start.
func (s *scanner) hex4(start int) (rune, error) {
	if s.pos+4 > len(s.data) {
		s.pos = len(s.data)
		return 0, s.unexpected("four hexadecimal digits")
	}
	var r rune
	for _, c := range s.data[s.pos : s.pos+4] {
		d := unhex[c]
		if d == 0xff {
			return 0, s.errorf(start, "got %q in a \\u escape, want a hexadecimal digit", c)
		}
		r = r<<4 | rune(d)
	}
	s.pos += 4
	return r, nil
}

// unhex maps a hexadecimal digit to its value, anything else to 0xff.
var unhex = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = byte(10 + i)
	}
	return t
}()

// str reads a string as a Go string.
func (s *scanner) str() (string, error) {
	b, err := s.text()
	return string(b), err
}

// digits reads an integer literal: an optional minus and digits without
// leading zeros. -0, fractions and exponents are refused, since the canonical
// forms have no floats.
func (s *scanner) digits() ([]byte, error) {
	s.peek()
	start := s.pos
	if s.pos < len(s.data) && s.data[s.pos] == '-' {
		s.pos++
	}
	first := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	switch text := s.data[start:s.pos]; {
	case s.pos == first:
		return nil, s.unexpected("an integer")
	case s.data[first] == '0' && len(text) > 1:
		return nil, s.errorf(start, "got %s, want an integer without leading zeros or -0", text)
	case s.pos < len(s.data) && bytes.IndexByte([]byte(".eE"), s.data[s.pos]) >= 0:
		return nil, s.errorf(start, "got a float, want an integer")
	case s.pos-first > 18 && !fits64(string(text)):
		return nil, s.errorf(start, "got an integer of more than 64 bits")
	default:
		return text, nil
	}
}

// fits64 says whether an integer is in the range of a signed or an unsigned
// 64-bit number.
func fits64(text string) bool {
	_, signed := strconv.ParseInt(text, 10, 64)
	_, unsigned := strconv.ParseUint(text, 10, 64)
	return signed == nil || unsigned == nil
}

// maxInt is the largest integer that every client reads exactly, 2^53-1.
const maxInt = 1<<53 - 1

// integer reads an integer from min to 2^53-1.
func (s *scanner) integer(min int64) (int64, error) {
	text, err := s.digits()
	if err != nil {
		return 0, err
	}
	start := s.pos - len(text)
	var n int64
	for _, c := range bytes.TrimPrefix(text, []byte("-")) {
		if n = n*10 + int64(c-'0'); n > maxInt {
			return 0, s.errorf(start, "got %s, want at most %d", text, int64(maxInt))
		}
	}
	if text[0] == '-' {
		n = -n
	}
	if n < min {
		return 0, s.errorf(start, "got %d, want at least %d", n, min)
	}
	return n, nil
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
