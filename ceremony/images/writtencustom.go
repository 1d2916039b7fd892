package images

import (
	"bytes"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/words"
)

// isCustom says whether text is a Custom as DecodeNode makes it, and is the same
// object as YAML. It declines what it need not know.
func isCustom(text []byte) bool {
	j := compactJSON{text}
	return len(text) > 2 && text[0] == '{' && j.value(maxCustomDepth) && len(j.rest) == 0
}

// compactJSON reads from the front of rest, and says whether it could.
type compactJSON struct{ rest []byte }

func (j *compactJSON) take(c byte) bool {
	if len(j.rest) == 0 || j.rest[0] != c {
		return false
	}
	j.rest = j.rest[1:]
	return true
}

func (j *compactJSON) word(w string) bool {
	if !bytes.HasPrefix(j.rest, []byte(w)) {
		return false
	}
	j.rest = j.rest[len(w):]
	return true
}

func (j *compactJSON) value(depth int) bool {
	switch {
	case depth == 0 || len(j.rest) == 0:
		return false
	case j.take('{'):
		return j.members(depth)
	case j.take('['):
		return j.elements(depth)
	case j.rest[0] == '"':
		_, ok := j.text()
		return ok
	}
	return j.word("true") || j.word("false") || j.number()
}

// members reads an object from its first name on; names ascend.
func (j *compactJSON) members(depth int) bool {
	if j.take('}') {
		return true
	}
	for previous, first := []byte(nil), true; ; first = false {
		name, ok := j.text()
		if !ok || len(name) > maxNameText || bytes.IndexByte(name, '\\') >= 0 {
			return false
		}
		if !first && bytes.Compare(previous, name) >= 0 || !j.take(':') || !j.value(depth-1) {
			return false
		}
		if !j.take(',') {
			return j.take('}')
		}
		previous = name
	}
}

// maxNameText is well below the 1,024 characters of a name in YAML.
const maxNameText = 256

func (j *compactJSON) elements(depth int) bool {
	if j.take(']') {
		return true
	}
	for {
		if !j.value(depth - 1) {
			return false
		}
		if !j.take(',') {
			return j.take(']')
		}
	}
}

// text reads a string and returns what is between its quotes. JSON and YAML
// agree on two escapes; Go's encoder writes no others for text that shows.
func (j *compactJSON) text() (inside []byte, ok bool) {
	if !j.take('"') {
		return nil, false
	}
	for i := 0; i < len(j.rest); {
		c, size := rune(j.rest[i]), 1
		switch {
		case c == '"':
			inside, j.rest = j.rest[:i], j.rest[i+1:]
			return inside, true
		case c == '\\':
			if i+1 == len(j.rest) || j.rest[i+1] != '"' && j.rest[i+1] != '\\' {
				return nil, false
			}
			size = 2
		case c >= utf8.RuneSelf:
			c, size = utf8.DecodeRune(j.rest[i:])
		}
		if c == utf8.RuneError || c > 0xfffd && c < 0x10000 || words.Hidden(c) {
			return nil, false
		}
		i += size
	}
	return nil, false
}

// number reads a whole number that every JSON reader keeps exactly.
func (j *compactJSON) number() bool {
	end := 0
	for end < len(j.rest) && (j.rest[end] == '-' || '0' <= j.rest[end] && j.rest[end] <= '9') {
		end++
	}
	var number int64
	text := j.rest[:end]
	j.rest = j.rest[end:]
	return wholeNumber(text, &number) && -maxSafeInteger <= number && number <= maxSafeInteger
}
