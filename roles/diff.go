package roles

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Change is one difference between two versions of a file, in words. Old is
// empty for what was added, New for what was removed.
type Change struct {
	Role    string `yaml:"role" json:"role"`                           // whose file it is: root, targets, a delegated role
	What    string `yaml:"what" json:"what"`                           // kind of the thing, such as `threshold`, `image length`
	Subject string `yaml:"subject,omitempty" json:"subject,omitempty"` // which one: a role, a path, a field
	Old     string `yaml:"old,omitempty" json:"old,omitempty"`
	New     string `yaml:"new,omitempty" json:"new,omitempty"`
}

// String is the change as one line: `root: threshold of targets: 2 → 3`.
func (c Change) String() string { return Printable(c.Role+": ") + c.Short() }

// Short is the change without its role, for where that is said above it.
func (c Change) Short() string {
	what := c.What
	if c.Subject != "" {
		what += " " + c.Subject
	}
	switch {
	case c.Old == "":
		what += ": added " + c.New
	case c.New == "":
		what += ": removed " + c.Old
	default:
		what += ": " + c.Old + " → " + c.New
	}
	return Printable(what)
}

// DiffOptions say how a difference is told.
type DiffOptions struct {
	Role    string           // whose file it is; empty for the top-level role of its type
	KeyName func(Key) string // how people call a key; nil for key id and scheme
}

// Diff tells how the content of a file changes. Both bodies are of one type;
// old is nil for a first version. Keys are told apart by their material. The
// order is fixed: head, then the body in the order of the file.
func Diff(old, new Body, options DiffOptions) []Change {
	d := differ{role: options.Role, keyName: options.KeyName, first: old == nil}
	if d.role == "" {
		d.role = string(new.Type())
	}
	if d.keyName == nil {
		d.keyName = func(k Key) string { return fmt.Sprintf("%s (%s)", k.ID, k.Scheme) }
	}
	switch after := new.(type) {
	case *Root:
		before, _ := old.(*Root)
		d.root(orEmpty(before), after)
	case *Targets:
		before, _ := old.(*Targets)
		d.targets(orEmpty(before), after)
	case *Snapshot:
		before, _ := old.(*Snapshot)
		b := orEmpty(before)
		d.head(&b.Head, &after.Head)
		d.metas(b.Meta, after.Meta)
	case *Timestamp:
		before, _ := old.(*Timestamp)
		b := orEmpty(before)
		d.head(&b.Head, &after.Head)
		d.metas([]Meta{b.Snapshot}, []Meta{after.Snapshot})
	}
	return d.changes
}

func orEmpty[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// differ collects changes.
type differ struct {
	role    string
	keyName func(Key) string
	first   bool // there is no old version: nothing has an old value
	changes []Change
}

// add records a change if there is one.
func (d *differ) add(what, subject, old, new string) {
	if d.first {
		old = ""
	}
	if old != new {
		d.changes = append(d.changes, Change{d.role, what, subject, old, new})
	}
}

func (d *differ) number(what, subject string, old, new int64) {
	d.add(what, subject, strconv.FormatInt(old, 10), strconv.FormatInt(new, 10))
}

func (d *differ) head(old, new *Head) {
	d.number("version", "", old.Version, new.Version)
	d.add("expires", "", old.spelled(), new.spelled())
	d.add("spec_version", "", old.SpecVersion, new.SpecVersion)
	d.members("", old.Extra, new.Extra)
}

// members compares unknown fields.
func (d *differ) members(within string, old, new []Member) {
	byName := func(a, b Member) int { return strings.Compare(a.Name, b.Name) }
	merge(slices.SortedFunc(slices.Values(old), byName), slices.SortedFunc(slices.Values(new), byName), byName, func(a, b *Member) {
		switch {
		case a == nil:
			d.add("field", within+b.Name, "", string(b.Raw))
		case b == nil:
			d.add("field", within+a.Name, string(a.Raw), "")
		case !sameJSON(a.Raw, b.Raw):
			d.add("field", within+a.Name, string(a.Raw), string(b.Raw))
		}
	})
}

// metas compares what snapshot or timestamp state of other files.
func (d *differ) metas(old, new []Meta) {
	merge(old, new, func(a, b Meta) int { return strings.Compare(a.Name, b.Name) }, func(a, b *Meta) {
		switch {
		case a == nil:
			d.add("file", b.Name, "", b.words())
		case b == nil:
			d.add("file", a.Name, a.words(), "")
		default:
			d.add("file", a.Name, a.words(), b.words())
			d.members(a.Name+".", a.Extra, b.Extra)
		}
	})
}

func (m *Meta) words() string {
	if m.Version == 0 {
		return ""
	}
	words := []string{fmt.Sprintf("version %d", m.Version)}
	if m.Length >= 0 {
		words = append(words, fmt.Sprintf("%d bytes", m.Length))
	}
	return strings.Join(append(words, m.Hashes.words()...), ", ")
}

func (h Hashes) words() (words []string) {
	if h.SHA256 != nil {
		words = append(words, fmt.Sprintf("sha256 %x", *h.SHA256))
	}
	if h.SHA512 != nil {
		words = append(words, fmt.Sprintf("sha512 %x", *h.SHA512))
	}
	for _, m := range h.Other {
		words = append(words, fmt.Sprintf("%s %s", m.Name, m.Raw))
	}
	return words
}

// merge walks two sorted lists and visits each element with its like in the
// other list, nil where there is none.
func merge[T any](old, new []T, compare func(a, b T) int, visit func(old, new *T)) {
	for len(old) > 0 || len(new) > 0 {
		order := 0
		switch {
		case len(old) == 0:
			order = 1
		case len(new) == 0:
			order = -1
		default:
			order = compare(old[0], new[0])
		}
		switch {
		case order < 0:
			visit(&old[0], nil)
			old = old[1:]
		case order > 0:
			visit(nil, &new[0])
			new = new[1:]
		default:
			visit(&old[0], &new[0])
			old, new = old[1:], new[1:]
		}
	}
}

// sameJSON says whether two values are equal apart from their spelling.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := appendForm(nil, a, appendJSON)
	y, errY := appendForm(nil, b, appendJSON)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
