package roles

import (
	"bytes"
	"strconv"
)

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
		return nil, s.errorf(start, "got %s, want an integer without leading zeros or -0", Cut(string(text), maxQuote))
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
			return 0, s.errorf(start, "got %s, want at most %d", Cut(string(text), maxQuote), int64(maxInt))
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
