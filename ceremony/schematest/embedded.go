package schematest

import (
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// loosen takes the fields of embedded pointers out of what is required: they are not
// there where the pointer is nil.
func loosen(t reflect.Type, defs jsonschema.Definitions, seen map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		loosen(t.Elem(), defs, seen)
		return
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Tag.Get("json") == "" {
			optional(defs[typeName(t)], f.Type.Elem())
		}
		loosen(f.Type, defs, seen)
	}
}

func optional(s *jsonschema.Schema, embedded reflect.Type) {
	if s == nil || embedded.Kind() != reflect.Struct {
		return
	}
	own := (&jsonschema.Reflector{Anonymous: true, DoNotReference: true}).ReflectFromType(embedded)
	s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return slices.Contains(own.Required, name) })
}
