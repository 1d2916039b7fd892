package strict

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/fault"
	"gopkg.in/yaml.v3"
)

// Set sets one field of a YAML document and leaves every other byte as it is:
// comments, order and spelling are those of people. path has a name for each mapping
// on the way; those that are missing are made, a new one at the top below its
// commented example, `# NAME:`, where there is one. The caller decodes the result and
// compares: text that cannot be changed in its place is refused, with code Usage.
func Set(file string, data []byte, path []string, value *yaml.Node) ([]byte, error) {
	root, err := Parse(At(file, 0), data)
	if err != nil {
		return nil, err
	}
	e := editor{data: data, newline: "\n", lines: [][2]int{}}
	if bytes.Contains(data, []byte("\r\n")) {
		e.newline = "\r\n"
	}
	e.findLines()
	at := place{mapping: root, after: len(e.lines) + 1}
	for i, name := range path {
		found, next := at.member(name)
		if found == nil {
			err = e.insert(at, path[i:], value)
			break
		}
		if i == len(path)-1 {
			err = e.replace(found, value)
			break
		}
		if found.Kind != yaml.MappingNode {
			err = errByHand
			break
		}
		at = place{mapping: found, after: next}
	}
	if err != nil {
		return nil, fault.Errorf(fault.Usage, "%s: %s %w", file, strings.Join(path, "."), err)
	}
	return e.data, nil
}

var errByHand = fault.Errorf(fault.Usage, "is spelled so that no command can change it; edit the file by hand")

// place is a mapping, and the line of what comes after it.
type place struct {
	mapping *yaml.Node
	after   int
}

// member is the value of that name in the mapping, and the line of what comes after it.
func (p place) member(name string) (value *yaml.Node, after int) {
	content := p.mapping.Content
	for i := 0; i+1 < len(content); i += 2 {
		if content[i].Value != name {
			continue
		}
		if i+2 < len(content) {
			return content[i+1], content[i+2].Line
		}
		return content[i+1], p.after
	}
	return nil, 0
}

func (p place) flow() bool { return p.mapping.Style&yaml.FlowStyle != 0 }

// editor is a document while it is changed, once.
type editor struct {
	data    []byte
	newline string
	lines   [][2]int // start and end of each line, the end before its line break
}

func (e *editor) findLines() {
	for start := 0; start < len(e.data); {
		end := bytes.IndexByte(e.data[start:], '\n')
		if end < 0 {
			end = len(e.data) - start
		}
		e.lines = append(e.lines, [2]int{start, start + end})
		start += end + 1
	}
}

func (e *editor) line(n int) string { return string(e.data[e.lines[n-1][0]:e.lines[n-1][1]]) }

// splice puts text in the place of a part of the document.
func (e *editor) splice(from, to int, text string) {
	e.data = []byte(string(e.data[:from]) + text + string(e.data[to:]))
}

// replace gives a field another value, on one line.
func (e *editor) replace(old, value *yaml.Node) error {
	end, ok := e.end(old)
	if !ok {
		return errByHand
	}
	text, err := inline(value)
	if err == nil {
		e.splice(e.start(old), end, text)
	}
	return err
}

// insert adds a field at the end of a mapping, and the mappings that path names below.
func (e *editor) insert(at place, path []string, value *yaml.Node) error {
	for i := len(path) - 1; i >= 0; i-- {
		name := &yaml.Node{Kind: yaml.ScalarNode, Value: path[i]}
		value = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{name, value}}
	}
	if at.flow() {
		return e.insertFlow(at.mapping, value)
	}
	indent := at.mapping.Column - 1
	text, err := block(value)
	if err != nil {
		return err
	}
	line := e.lastLine(at, indent, path[0])
	for _, added := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		e.insertLine(line, strings.Repeat(" ", indent)+added)
		line++
	}
	return nil
}

// insertLine adds a line after line n of the document as it is now.
func (e *editor) insertLine(n int, text string) {
	if n == 0 {
		e.splice(0, 0, text+e.newline)
	} else if end := e.lines[n-1][1]; end == len(e.data) {
		e.splice(end, end, e.newline+text+e.newline)
	} else {
		e.splice(end+1, end+1, text+e.newline)
	}
	e.lines = nil
	e.findLines()
}

// lastLine is the last line of a block mapping, with the comments at its end that are
// indented like it. For a new mapping at the top it is the end of its example.
func (e *editor) lastLine(at place, indent int, name string) int {
	if indent == 0 {
		for n := 1; n <= len(e.lines); n++ {
			if strings.TrimRight(e.line(n), " \r") != "# "+name+":" {
				continue
			}
			for n < len(e.lines) && strings.HasPrefix(e.line(n+1), "#") {
				n++
			}
			return n
		}
	}
	n := at.after - 1
	for ; n > 0; n-- {
		text := strings.TrimRight(e.line(n), " \t\r")
		bare := strings.TrimLeft(text, " ")
		if bare != "" && (!strings.HasPrefix(bare, "#") || len(text)-len(bare) >= max(indent, 1)) {
			break
		}
	}
	return n
}

// insertFlow adds a field before the closing brace of a mapping on one line.
func (e *editor) insertFlow(mapping, entry *yaml.Node) error {
	end, ok := e.end(mapping)
	text, err := inline(entry)
	if !ok || err != nil {
		return errByHand
	}
	text = text[1 : len(text)-1]
	last := e.start(mapping) + 1
	if n := len(mapping.Content); n > 0 {
		last, _ = e.end(mapping.Content[n-1])
		text = ", " + text
	}
	if bytes.ContainsAny(e.data[last:end], ",\n#") {
		return errByHand
	}
	e.splice(last, last, text)
	return nil
}

// start is where a node begins.
func (e *editor) start(n *yaml.Node) int {
	at := e.lines[n.Line-1][0]
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(e.data[at:])
		at += size
	}
	return at
}

// end is where a node ends, if that can be told.
func (e *editor) end(n *yaml.Node) (end int, ok bool) {
	start := e.start(n)
	rest := e.data[start:]
	switch {
	case n.Kind == yaml.ScalarNode && n.Style == 0:
		return start + len(n.Value), n.Value != "" && bytes.HasPrefix(rest, []byte(n.Value))
	case n.Style == yaml.DoubleQuotedStyle:
		return e.endOfQuoted(start, '\\')
	case n.Style == yaml.SingleQuotedStyle:
		return e.endOfQuoted(start, '\'')
	case n.Style != yaml.FlowStyle:
		return 0, false
	}
	end = start + 1
	if len(n.Content) > 0 {
		if end, ok = e.end(n.Content[len(n.Content)-1]); !ok {
			return 0, false
		}
	}
	closing := bytes.IndexAny(e.data[end:], "]}")
	if closing < 0 || len(bytes.Trim(e.data[end:end+closing], " ,\r\n")) > 0 {
		return 0, false
	}
	return end + closing + 1, true
}

// endOfQuoted is where a quoted scalar ends. In it escape makes the next character
// one without a meaning.
func (e *editor) endOfQuoted(start int, escape byte) (end int, ok bool) {
	quote := e.data[start]
	for i := start + 1; i < len(e.data); i++ {
		switch {
		case e.data[i] == escape && (escape != quote || i+1 < len(e.data) && e.data[i+1] == quote):
			i++
		case e.data[i] == quote:
			return i + 1, true
		}
	}
	return 0, false
}

// inline writes a value on one line.
func inline(value *yaml.Node) (string, error) {
	flow := *value
	if flow.Kind != yaml.ScalarNode {
		flow.Style = yaml.FlowStyle
	}
	text, err := Encode(&flow)
	return strings.TrimSuffix(string(text), "\n"), err
}

// block writes a mapping on lines of its own, but for what is to stand on one.
func block(value *yaml.Node) (string, error) {
	text, err := Encode(value)
	return string(text), err
}
