package roles

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// form appends a string's content, without the quotes, as one form of JSON
// spells it. The three forms differ in nothing else: members sorted by the
// UTF-8 bytes of their names, no white space, integers as they are.
type form func(dst, text []byte) []byte

// appendOLPC is OLPC canonical JSON (TUF 1.0.34 §4.1.1 names it): only the
// quote and the backslash are escaped; a newline is a raw 0x0A. Text with
// control characters is therefore not JSON any more.
func appendOLPC(dst, text []byte) []byte {
	if isPlain(text) {
		return append(dst, text...)
	}
	for _, c := range text {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return dst
}

// appendJSON is what a `tuf` file holds: OLPC wherever that is valid JSON, and
// JSON's own escapes for control characters.
func appendJSON(dst, text []byte) []byte {
	if isPlain(text) {
		return append(dst, text...)
	}
	for _, c := range text {
		if c < 0x20 {
			dst = appendControl(dst, c)
			continue
		}
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return dst
}

// appendOTA is what aktualizr's JsonCpp writes and OTA Community Edition's
// circe agrees with on the profile that keyrite emits: JSON's short escapes,
// everything from U+0080 as \uXXXX in lower case, astral characters as a
// surrogate pair, DEL raw.
func appendOTA(dst, text []byte) []byte {
	if isPlain(text) {
		return append(dst, text...)
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c < 0x20:
			dst = appendControl(dst, c)
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, size := utf8.DecodeRune(text[i:])
			i += size
			if high, low := utf16.EncodeRune(r); r > 0xffff {
				dst = appendU(appendU(dst, high), low)
			} else {
				dst = appendU(dst, r)
			}
			continue
		}
		i++
	}
	return dst
}

const hexDigits = "0123456789abcdef"

func appendU(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

// short holds the letters of JSON's two-character escapes.
var short = [0x20]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

func appendControl(dst []byte, c byte) []byte {
	if short[c] != 0 {
		return append(dst, '\\', short[c])
	}
	return appendU(dst, rune(c))
}

// appendForm appends the JSON text in raw in the given form, in one pass. Raw
// must be one whole value; it is checked as strictly as any file.
func appendForm(dst, raw []byte, f form) ([]byte, error) {
	return new(transcriber).append(dst, raw, f)
}

// transcriber copies JSON texts into a canonical form while it reads them. One
// that serves for many texts keeps its memory.
type transcriber struct {
	scanner
	form    form
	dst     []byte
	members []member // of all open objects, innermost last
}

func (t *transcriber) append(dst, raw []byte, f form) ([]byte, error) {
	t.scanner = scanner{data: raw, names: t.names[:0]}
	t.form, t.dst, t.members = f, dst, t.members[:0]
	if err := t.value(); err != nil {
		return nil, err
	}
	return t.dst, t.end()
}

func (t *transcriber) value() error {
	switch t.peek() {
	case '{':
		return t.copyObject()
	case '[':
		t.dst = append(t.dst, '[')
		err := t.array(func(i int) error {
			if i > 0 {
				t.dst = append(t.dst, ',')
			}
			return t.value()
		})
		t.dst = append(t.dst, ']')
		return err
	case '"':
		text, err := t.text()
		t.quote(text)
		return err
	default:
		raw, err := t.skip()
		t.dst = append(t.dst, raw...)
		return err
	}
}

func (t *transcriber) quote(text []byte) {
	t.dst = append(t.form(append(t.dst, '"'), text), '"')
}

// member is one copied object member: its name and where it stands in dst.
type member struct {
	name       []byte
	start, end int
}

// copyObject copies an object. Members are copied in the order in which they come
// and put in order afterwards, only if they were not.
func (t *transcriber) copyObject() error {
	t.dst = append(t.dst, '{')
	start, first, sorted := len(t.dst), len(t.members), true
	err := t.object(func(name []byte) error {
		if n := len(t.members); n > first {
			t.dst = append(t.dst, ',')
			sorted = sorted && bytes.Compare(t.members[n-1].name, name) < 0
		}
		m := member{name: name, start: len(t.dst)}
		t.quote(name)
		t.dst = append(t.dst, ':')
		err := t.value()
		m.end = len(t.dst)
		t.members = append(t.members, m)
		return err
	})
	if err == nil && !sorted {
		reorder(t.dst[start:], start, t.members[first:])
	}
	t.members = t.members[:first]
	t.dst = append(t.dst, '}')
	return err
}

// reorder sorts the members that lie in span, which begins at offset base.
func reorder(span []byte, base int, list []member) {
	copied := bytes.Clone(span)
	slices.SortFunc(list, func(a, b member) int { return bytes.Compare(a.name, b.name) })
	out := span[:0]
	for i, m := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, copied[m.start-base:m.end-base]...)
	}
}
