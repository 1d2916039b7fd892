package roles

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// writer builds the JSON text of a file: members in order, no white space,
// strings in the format's spelling. The first failure sticks and is returned
// by done.
type writer struct {
	out     []byte
	form    form
	checked form // form, after a check of what people chose
	check   func(text []byte) error
	extras  [][]Member // pending unknown members of the open objects, innermost last
	comma   bool
	last    string
	err     error

	custom  struct{ raw, text []byte } // the last one, as it came and as it was written
	copier  transcriber
	scratch []byte
}

func newWriter(f Format, out []byte) *writer {
	w := &writer{out: out, form: f.form(), check: f.checkText}
	w.checked = func(dst, text []byte) []byte {
		w.fail(w.check(text))
		return w.form(dst, text)
	}
	return w
}

// fail keeps the first error.
func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// object writes an object. Fields must be written in ascending order of their
// names; unknown members are merged in where they belong.
func (w *writer) object(extra []Member, members func()) {
	if len(extra) > 1 {
		extra = slices.SortedFunc(slices.Values(extra), func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	}
	w.extras = append(w.extras, extra)
	w.separate()
	w.out = append(w.out, '{')
	w.comma = false
	outer := w.last
	w.last = ""
	members()
	w.flush(nil)
	w.last = outer
	w.extras = w.extras[:len(w.extras)-1]
	w.out = append(w.out, '}')
	w.comma = true
}

// flush writes the pending unknown members that sort before the given name, or
// all of them.
func (w *writer) flush(before *string) {
	top := len(w.extras) - 1
	for len(w.extras[top]) > 0 {
		m := w.extras[top][0]
		if before != nil && m.Name >= *before {
			return
		}
		w.extras[top] = w.extras[top][1:]
		w.name(m.Name)
		w.raw(m.Raw)
	}
}

// field begins a member of the open object.
func (w *writer) field(name string) *writer {
	w.flush(&name)
	w.name(name)
	return w
}

func (w *writer) name(name string) {
	if w.last != "" && name <= w.last {
		w.fail(fmt.Errorf("%q after %q: names must ascend", name, w.last))
	}
	w.last = name
	w.separate()
	w.quote(name)
	w.out = append(w.out, ':')
	w.comma = false
}

func (w *writer) separate() {
	if w.comma {
		w.out = append(w.out, ',')
	}
	w.comma = true
}

func (w *writer) quote(text string) {
	w.out = append(w.out, '"')
	if isPlain(text) {
		w.out = append(w.out, text...)
	} else {
		w.out = w.form(w.out, []byte(text))
	}
	w.out = append(w.out, '"')
}

func (w *writer) text(text string) {
	w.separate()
	w.quote(text)
}

// free writes text that people chose: a name, a path.
func (w *writer) free(text string) {
	w.chosen(text)
	w.text(text)
}

// chosen checks text that people chose.
func (w *writer) chosen(text string) {
	w.scratch = append(w.scratch[:0], text...)
	w.fail(w.check(w.scratch))
}

func (w *writer) integer(n int64) {
	w.separate()
	w.out = strconv.AppendInt(w.out, n, 10)
}

func (w *writer) boolean(b bool) {
	w.separate()
	w.out = strconv.AppendBool(w.out, b)
}

// list writes an array with one element for each of n.
func (w *writer) list(n int, element func(i int)) {
	w.separate()
	w.out = append(w.out, '[')
	w.comma = false
	for i := range n {
		element(i)
	}
	w.out = append(w.out, ']')
	w.comma = true
}

func (w *writer) texts(list []string) {
	w.list(len(list), func(i int) { w.free(list[i]) })
}

// raw writes a JSON value that somebody else made, its members in order.
func (w *writer) raw(value []byte) { w.transcribe(value, w.form) }

func (w *writer) transcribe(value []byte, f form) {
	w.separate()
	out, err := w.copier.append(w.out, value, f)
	w.fail(err)
	if err == nil {
		w.out = out
	}
}

// hashes writes a `hashes` object.
func (w *writer) hashes(h Hashes) {
	w.object(h.Other, func() {
		if h.SHA256 != nil {
			w.field("sha256").hex(h.SHA256[:])
		}
		if h.SHA512 != nil {
			w.field("sha512").hex(h.SHA512[:])
		}
	})
}

func (w *writer) hex(b []byte) {
	w.separate()
	w.out = append(w.out, '"')
	w.out = appendHex(w.out, b)
	w.out = append(w.out, '"')
}
