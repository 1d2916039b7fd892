package strict

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"gopkg.in/yaml.v3"
)

// Decoder fills a struct from a YAML tree and collects what is wrong with it.
type Decoder struct {
	Source
	Problems []*fault.Error
}

// Fail adds a problem and returns it, nil when there are too many.
func (d *Decoder) Fail(n *yaml.Node, path, format string, args ...any) *fault.Error {
	if len(d.Problems) >= maxProblems {
		return nil
	}
	problem := d.Problem(n.Line, fault.Usage, path, format, args...)
	d.Problems = append(d.Problems, problem)
	return problem
}

// remember notes the line of a field, where somebody will ask for it.
func (d *Decoder) remember(n *yaml.Node, path string) {
	if d.lines != nil {
		d.lines[path] = n.Line
	}
}

// nodeDecoder is implemented by types that read more than text.
type nodeDecoder interface {
	DecodeNode(*yaml.Node) error
}

func (d *Decoder) Value(n *yaml.Node, path string, into reflect.Value) {
	if !d.plain(n, path) {
		return
	}
	switch v := into.Addr().Interface().(type) {
	case nodeDecoder:
		if err := v.DecodeNode(n); err != nil {
			d.Fail(n, path, "%w", err)
		}
		return
	case encoding.TextUnmarshaler:
		if text, ok := d.text(n, path); ok {
			if err := v.UnmarshalText([]byte(text)); err != nil {
				d.Fail(n, path, "is %s: %w", words.Quote(text), err)
			}
		}
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.Value(n, path, into.Elem())
	case reflect.Struct:
		d.structure(n, path, into)
	case reflect.Map:
		d.mapping(n, path, into)
	case reflect.Slice:
		d.sequence(n, path, into)
	default:
		d.scalar(n, path, into)
	}
}

// plain refuses YAML's means of saying something indirectly.
func (d *Decoder) plain(n *yaml.Node, path string) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.Fail(n, path, "uses an anchor or alias, want the value itself")
	case n.Style&yaml.TaggedStyle != 0:
		d.Fail(n, path, "has the tag %s, want none", n.Tag)
	case n.Tag == "!!null":
		d.Fail(n, path, "is empty; give it a value or remove it")
	case n.Tag == "!!merge":
		d.Fail(n, path, "is a merge, want the fields themselves")
	default:
		return true
	}
	return false
}

// members calls visit for each name and value of a mapping, in order.
func (d *Decoder) members(n *yaml.Node, path string, visit func(key *yaml.Node, name string, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.Fail(n, path, "is %s, want fields", kindName(n))
		return
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name, ok := d.name(key, path)
		if !ok {
			continue
		}
		if seen[name] {
			d.Fail(key, joinPath(path, name), "is there twice")
			continue
		}
		seen[name] = true
		d.remember(key, joinPath(path, name))
		visit(key, name, value)
	}
}

func (d *Decoder) name(key *yaml.Node, path string) (string, bool) {
	if !d.plain(key, joinPath(path, key.Value)) {
		return "", false
	}
	return d.text(key, path)
}

func (d *Decoder) structure(n *yaml.Node, path string, into reflect.Value) {
	fields := schemaOf(into.Type())
	present := make(map[string]bool, len(fields))
	d.members(n, path, func(key *yaml.Node, name string, value *yaml.Node) {
		present[name] = true
		field, ok := fields[name]
		if !ok {
			names := slices.Sorted(maps.Keys(fields))
			if problem := d.Fail(key, joinPath(path, name), "is not a field; want one of %s", strings.Join(names, ", ")); problem != nil {
				problem.Suggest(name, names)
			}
			return
		}
		d.Value(value, joinPath(path, name), into.Field(field.index))
	})
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if n.Kind == yaml.MappingNode && !present[name] && !fields[name].optional {
			d.Fail(n, joinPath(path, name), "is missing")
		}
	}
}

func (d *Decoder) mapping(n *yaml.Node, path string, into reflect.Value) {
	into.Set(reflect.MakeMap(into.Type()))
	d.members(n, path, func(_ *yaml.Node, name string, value *yaml.Node) {
		element := reflect.New(into.Type().Elem()).Elem()
		d.Value(value, joinPath(path, name), element)
		into.SetMapIndex(reflect.ValueOf(name), element)
		if d.names != nil {
			d.names[path] = append(d.names[path], name)
		}
	})
}

func (d *Decoder) sequence(n *yaml.Node, path string, into reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.Fail(n, path, "is %s, want a list", kindName(n))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content)))
	for i, element := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.remember(element, at)
		d.Value(element, at, into.Index(i))
	}
}

func (d *Decoder) scalar(n *yaml.Node, path string, into reflect.Value) {
	text, ok := d.text(n, path)
	if !ok {
		return
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
	case reflect.Bool:
		if n.Style != 0 || (text != "true" && text != "false") {
			d.Fail(n, path, "is %s, want true or false", words.Quote(text))
			return
		}
		into.SetBool(text == "true")
	case reflect.Int, reflect.Int64:
		number, ok := WholeNumber(n)
		if !ok {
			d.Fail(n, path, "is %s, want a whole number", words.Quote(text))
			return
		}
		into.SetInt(number)
	default:
		d.Fail(n, path, "has type %s, which no file can hold", into.Type())
	}
}

// text returns a scalar as it is spelled in the file, without the conversions
// of YAML: a key named `no` is "no", and a hash made of digits keeps them all.
func (d *Decoder) text(n *yaml.Node, path string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.Fail(n, path, "is %s, want a single value", kindName(n))
		return "", false
	}
	for _, r := range n.Value {
		if r != '\n' && words.Hidden(r) {
			d.Fail(n, path, "contains the character %U, which does not show", r)
			return "", false
		}
	}
	return n.Value, true
}

// WholeNumber reads an integer in its one decimal spelling.
func WholeNumber(n *yaml.Node) (int64, bool) {
	number, err := strconv.ParseInt(n.Value, 10, 64)
	return number, err == nil && n.Style == 0 && strconv.FormatInt(number, 10) == n.Value
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return words.Quote(n.Value)
	}
}

type schemaField struct {
	index    int
	optional bool
}

// schemaOf reads the schema of a struct from its yaml tags.
func schemaOf(t reflect.Type) map[string]schemaField {
	fields := make(map[string]schemaField, t.NumField())
	for i := range t.NumField() {
		tag := strings.Split(t.Field(i).Tag.Get("yaml"), ",")
		if t.Field(i).IsExported() && tag[0] != "-" {
			fields[tag[0]] = schemaField{index: i, optional: slices.Contains(tag, "omitempty")}
		}
	}
	return fields
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
