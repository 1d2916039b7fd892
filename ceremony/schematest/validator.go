package schematest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// Schema is one that documents are held against.
type Schema struct{ compiled *jsonschema.Schema }

// Compile reads a schema that a Maker made.
func Compile(data []byte) (*Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("urn:keyrite:here", document); err != nil {
		return nil, err
	}
	compiled, err := c.Compile("urn:keyrite:here")
	return &Schema{compiled}, err
}

// JSON holds a JSON document against the schema.
func (s *Schema) JSON(data []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return s.compiled.Validate(document)
}

// YAML holds a YAML document against the schema, with the types that an editor sees:
// those of the core schema of YAML 1.2.
func (s *Schema) YAML(data []byte) error {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return err
	}
	if len(document.Content) == 0 {
		return s.compiled.Validate(nil)
	}
	value, err := core(document.Content[0])
	if err != nil {
		return err
	}
	return s.compiled.Validate(value)
}

func core(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		members := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			value, err := core(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			members[n.Content[i].Value] = value
		}
		return members, nil
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, element := range n.Content {
			var err error
			if list[i], err = core(element); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.ScalarNode:
		return scalarOf(n), nil
	}
	return nil, fmt.Errorf("line %d: an alias", n.Line)
}

func scalarOf(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		if n.Value == "true" || n.Value == "false" {
			return n.Value == "true"
		}
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}
