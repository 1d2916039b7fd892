package schematest

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"time"

	"github.com/invopop/jsonschema"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
)

// Maker makes schemas of this module's types.
type Maker struct{ source *source }

// NewMaker reads the comments of the code below root, the folder of this module.
func NewMaker(root string) (*Maker, error) {
	s, err := readSource(root)
	return &Maker{s}, err
}

// Refine says of a schema what no Go type can say, such as which names a map has. types
// are its parts, by PACKAGE.Type.
type Refine func(types map[string]*jsonschema.Schema)

// ID is the name by which a schema is known; nothing is behind it on a network.
func ID(name string) string { return "urn:keyrite:schema:" + name }

// File makes the schema of a YAML file that is decoded into a struct like v: what
// package strict takes, where text may look like a number.
func (m *Maker) File(name string, v any, refine Refine) ([]byte, error) {
	s := m.reflect("yaml", reflect.TypeOf(v), &jsonschema.Schema{Extras: map[string]any{"type": []string{"string", "number", "boolean"}}})
	if refine != nil {
		refine(s.Definitions)
	}
	return finish(name, s)
}

// Line makes the schema of a document that is made of v, such as a line of a transcript.
func (m *Maker) Line(name string, v any) ([]byte, error) {
	return finish(name, m.reflect("json", reflect.TypeOf(v), nil))
}

// Result makes the schema of what a command answers: its result in the envelope.
func (m *Maker) Result(name string, result reflect.Type) ([]byte, error) {
	s := object()
	s.Properties.Set("schema", &jsonschema.Schema{Const: name})
	s.Properties.Set("ok", &jsonschema.Schema{Type: "boolean"})
	m.part(s, "result", result)
	m.part(s, "error", reflect.TypeFor[fault.Report]())
	s.Required = []string{"schema", "ok"}
	well := jsonschema.NewProperties()
	well.Set("ok", &jsonschema.Schema{Const: true})
	s.If = &jsonschema.Schema{Properties: well}
	s.Then = &jsonschema.Schema{Required: []string{"result"}, Not: &jsonschema.Schema{Required: []string{"error"}}}
	s.Else = &jsonschema.Schema{Required: []string{"error"}}
	return finish(name, s)
}

// Event makes the schema of a line that a command tells while it works.
func (m *Maker) Event(name string, event reflect.Type) ([]byte, error) {
	s := object()
	s.Properties.Set("schema", &jsonschema.Schema{Const: name})
	m.part(s, "event", event)
	s.Required = []string{"schema", "event"}
	return finish(name, s)
}

// part adds a property with the types that it is made of.
func (m *Maker) part(s *jsonschema.Schema, name string, t reflect.Type) {
	made := m.reflect("json", t, nil)
	maps.Copy(s.Definitions, made.Definitions)
	s.Properties.Set(name, &jsonschema.Schema{Ref: made.Ref})
}

func object() *jsonschema.Schema {
	return &jsonschema.Schema{Version: jsonschema.Version, Definitions: jsonschema.Definitions{},
		Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
}

func finish(name string, s *jsonschema.Schema) ([]byte, error) {
	s.ID = jsonschema.ID(ID(name))
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(s)
	return b.Bytes(), err
}

// reflect makes the schema of a type whose fields are named by a tag. text is the schema
// of a string; nil for that of JSON.
func (m *Maker) reflect(tag string, t reflect.Type, text *jsonschema.Schema) *jsonschema.Schema {
	r := &jsonschema.Reflector{
		Anonymous:     true,
		FieldNameTag:  tag,
		LookupComment: m.source.lookup,
		Namer:         typeName,
		Mapper:        func(t reflect.Type) *jsonschema.Schema { return m.scalar(t, text) },
	}
	s := r.ReflectFromType(t)
	if tag == "json" {
		loosen(t, s.Definitions, map[reflect.Type]bool{})
	}
	if event := s.Definitions["transcript.Event"]; event != nil {
		withData(r, event, s.Definitions)
	}
	return s
}

// withData says which data each kind of event has.
func withData(r *jsonschema.Reflector, event *jsonschema.Schema, defs jsonschema.Definitions) {
	kinds := transcript.Kinds()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		data := r.ReflectFromType(reflect.TypeOf(kinds[kind]))
		maps.Copy(defs, data.Definitions)
		is := jsonschema.NewProperties()
		is.Set("event", &jsonschema.Schema{Const: kind})
		is.Set("data", &jsonschema.Schema{Ref: data.Ref})
		event.OneOf = append(event.OneOf, &jsonschema.Schema{Properties: is})
	}
}

// spelled are types that are written as text, with how it looks.
var spelled = map[reflect.Type]*jsonschema.Schema{
	reflect.TypeFor[time.Time]():         {Type: "string", Format: "date-time"},
	reflect.TypeFor[policies.Lifetime](): {Type: "string", Pattern: "^[1-9][0-9]{0,3}[dh]$"},
	reflect.TypeFor[witness.Key]():       {Type: "string", Pattern: "^(ssh|ecdsa|sk)-[^ ]+ [^ ]"},
	reflect.TypeFor[hsm.KeyType]():       {Type: "string", Pattern: "^(ed25519|ecdsa-p(256|384|521)|rsa-[0-9]+)$"},
}

// Words are the values of a type that is a word, as its constants have them.
func (m *Maker) Words(t reflect.Type) []any { return m.source.words[nameOf(t)] }

// scalar is the schema of a type that is one value; nil for all others.
func (m *Maker) scalar(t reflect.Type, text *jsonschema.Schema) *jsonschema.Schema {
	known, words := spelled[t], m.Words(t)
	switch {
	case known != nil:
		s := *known
		return &s
	case t.Kind() == reflect.String && t.PkgPath() != "" && words != nil:
		return &jsonschema.Schema{Type: "string", Enum: words}
	case t.Kind() == reflect.Array && t.Elem().Kind() == reflect.Uint8:
		return &jsonschema.Schema{Type: "string", Pattern: fmt.Sprintf("^[0-9a-f]{%d}$", 2*t.Len())}
	case t.Kind() == reflect.String && text != nil:
		s := *text
		return &s
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()), reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return &jsonschema.Schema{Type: "string"}
	}
	return nil
}

// typeName is PACKAGE.Type, "" for a type without a name.
func typeName(t reflect.Type) string {
	if t.Name() == "" {
		return ""
	}
	return path.Base(t.PkgPath()) + "." + t.Name()
}
