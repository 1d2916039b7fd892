package strict

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/uptane/keyrite/ceremony/fault"
	"gopkg.in/yaml.v3"
)

// Respelling gives a scalar of a YAML document another text or, where Drop is set, takes
// the field away whose value Node is. In is the mapping that has that field.
type Respelling struct {
	Node *yaml.Node
	Text string

	Drop bool
	In   *yaml.Node
}

// Respell changes scalars of a YAML document and leaves every other byte as it is. change
// finds them; the caller decodes the result and compares. Text that cannot be changed in
// its place is refused, with code Usage.
func Respell(file string, data []byte, change func(root *yaml.Node) []Respelling) ([]byte, error) {
	root, err := Parse(At(file, 0), data)
	if err != nil {
		return nil, err
	}
	e := editor{data: data}
	e.findLines()
	var list []splice
	for _, r := range change(root) {
		from, to, ok := e.span(r)
		if !ok {
			return nil, fault.Errorf(fault.Usage, "%s:%d: %w", file, r.Node.Line, errByHand)
		}
		list = append(list, splice{from, to, r.Text})
	}
	slices.SortFunc(list, func(a, b splice) int { return cmp.Compare(b.from, a.from) })
	for _, s := range list { // the last one first: places before it stay as they are
		e.splice(s.from, s.to, s.text)
	}
	return e.data, nil
}

// splice is text in the place of a part of the document.
type splice struct {
	from, to int
	text     string
}

// span is the part of the document that goes.
func (e *editor) span(r Respelling) (from, to int, ok bool) {
	to, ok = e.end(r.Node)
	if !r.Drop {
		return e.start(r.Node), to, ok
	}
	i := slices.Index(r.In.Content, r.Node)
	if i < 3 || !ok { // the first field of a mapping stays where it is
		return 0, 0, false
	}
	from, ok = e.end(r.In.Content[i-2])
	return from, to, ok && !bytes.ContainsRune(e.data[from:to], '#')
}
