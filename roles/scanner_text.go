package roles

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// plain marks the bytes that may stand in a string as they are in every form.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// isPlain says whether every form spells a text as it is.
func isPlain[T string | []byte](text T) bool {
	for i := range len(text) {
		if !plain[text[i]] {
			return false
		}
	}
	return true
}

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
	if !s.lenient && !norm.NFC.IsNormal(decoded) {
		return nil, s.errorf(start, "text %+q is not in Unicode normal form C (NFC), which Uptane Standard 2.1.0 §5.2 wants", decoded)
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
