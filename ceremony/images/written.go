package images

import (
	"bytes"
	"strconv"

	"github.com/uptane/keyrite/roles"
)

// A list of a hundred thousand images is read at every plan, and YAML's reader
// takes a second for it. What Write wrote is read here instead, in one pass.

// readWritten reads entries that are spelled exactly as Write spells them. It
// declines every other spelling, and everything that is wrong: YAML's reader
// has the words for it.
func readWritten(data []byte) ([]Image, bool) {
	r := written{rest: data}
	images := make([]Image, 0, len(data)/bytesPerImage)
	for len(r.rest) > 0 {
		images = append(images, Image{})
		if !r.image(&images[len(images)-1]) {
			return nil, false
		}
	}
	return images, true
}

// bytesPerImage is about what an entry with both hashes takes. It decides how
// much is allocated ahead.
const bytesPerImage = 280

// written reads from the front of rest. Its methods say whether what they want
// was there; after a no, reading has ended.
type written struct {
	rest   []byte
	custom []byte      // the last one: images mostly have the same
	sums   []Sha512Hex // room for some
}

func (r *written) image(i *Image) bool {
	return r.path(&i.Path) && r.length(&i.Length) && r.hex(sha256Line, i.SHA256[:]) &&
		r.sha512(&i.SHA512) && r.customOf(&i.Custom)
}

// line takes a line that begins with name, and returns what follows it.
func (r *written) line(name string) (value []byte, ok bool) {
	if len(r.rest) < len(name) || string(r.rest[:len(name)]) != name {
		return nil, false
	}
	end := bytes.IndexByte(r.rest, '\n')
	if end < 0 {
		return nil, false
	}
	value, r.rest = r.rest[len(name):end], r.rest[end+1:]
	return value, true
}

func (r *written) path(into *string) bool {
	value, ok := r.line(pathLine)
	if !ok || len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return false
	}
	value = value[1 : len(value)-1]
	if bytes.IndexByte(value, '"') >= 0 { // rare, and written as \"
		return false
	}
	*into = string(value)
	return roles.CheckImagePath(*into) == nil
}

func (r *written) length(into *int64) bool {
	value, ok := r.line(lengthLine)
	return ok && wholeNumber(value, into) && *into >= 0
}

// wholeNumber reads the one decimal spelling of a number.
func wholeNumber(text []byte, into *int64) bool {
	number, err := strconv.ParseInt(string(text), 10, 64)
	var room [20]byte
	*into = number
	return err == nil && bytes.Equal(strconv.AppendInt(room[:0], number, 10), text)
}

func (r *written) hex(name string, into []byte) bool {
	value, ok := r.line(name)
	return ok && unhex(into, value) == nil
}

// sha512 reads a hash that need not be there.
func (r *written) sha512(into **Sha512Hex) bool {
	if !bytes.HasPrefix(r.rest, []byte(sha512Line)) {
		return true
	}
	if len(r.sums) == 0 {
		r.sums = make([]Sha512Hex, 1+len(r.rest)/bytesPerImage)
	}
	*into, r.sums = &r.sums[0], r.sums[1:]
	return r.hex(sha512Line, (*into)[:])
}

// customOf reads a custom object that need not be there.
func (r *written) customOf(into *Custom) bool {
	if !bytes.HasPrefix(r.rest, []byte(customLine)) {
		return true
	}
	value, ok := r.line(customLine)
	if !ok {
		return false
	}
	if r.custom == nil || !bytes.Equal(value, r.custom) {
		if !isCustom(value) {
			return false
		}
		r.custom = bytes.Clone(value)
	}
	*into = r.custom
	return true
}
