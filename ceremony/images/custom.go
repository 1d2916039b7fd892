package images

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/words"
	"gopkg.in/yaml.v3"
)

// Custom is what an image carries beside length and hashes, such as hardwareIds
// and releaseCounter (Uptane Standard 2.1.0 §5.2.3.1.1), as the text of a JSON
// object: names sorted, no white space. nil when there is none.
//
// It holds text, whole numbers, booleans, lists and objects. Floats and null are
// refused: clients canonicalise them differently, or not at all.
type Custom []byte

// maxCustomDepth bounds the nesting of a custom object.
const maxCustomDepth = 16

// maxSafeInteger is the largest whole number that every JSON reader keeps
// exactly (RFC 8259 §6).
const maxSafeInteger = 1<<53 - 1

func (c *Custom) DecodeNode(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return errors.New("want at least one field in it; remove it if there is none")
	}
	var b bytes.Buffer
	if err := writeJSON(&b, n, maxCustomDepth); err != nil {
		return err
	}
	*c = b.Bytes()
	return nil
}

func writeJSON(b *bytes.Buffer, n *yaml.Node, depth int) error {
	switch {
	case depth == 0:
		return fmt.Errorf("is nested more than %d deep", maxCustomDepth)
	case n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0:
		return errors.New("has an anchor, alias or tag")
	case n.Kind == yaml.MappingNode:
		return writeJSONObject(b, n, depth)
	case n.Kind == yaml.SequenceNode:
		return writeJSONList(b, n, depth)
	}
	return writeJSONScalar(b, n)
}

func writeJSONObject(b *bytes.Buffer, n *yaml.Node, depth int) error {
	members := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag != "!!str" || key.Anchor != "" {
			return errors.New("has a name that is not text")
		}
		if members[key.Value] != nil {
			return fmt.Errorf("has %q twice", key.Value)
		}
		members[key.Value] = n.Content[i+1]
	}
	b.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(members)) {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeJSONString(b, name); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := writeJSON(b, members[name], depth-1); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeJSONList(b *bytes.Buffer, n *yaml.Node, depth int) error {
	b.WriteByte('[')
	for i, element := range n.Content {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeJSON(b, element, depth-1); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func writeJSONScalar(b *bytes.Buffer, n *yaml.Node) error {
	switch n.Tag {
	case "!!str":
		return writeJSONString(b, n.Value)
	case "!!bool":
		if n.Value == "true" || n.Value == "false" {
			b.WriteString(n.Value)
			return nil
		}
	case "!!int":
		if number, ok := strict.WholeNumber(n); ok && -maxSafeInteger <= number && number <= maxSafeInteger {
			b.WriteString(n.Value)
			return nil
		}
	}
	return fmt.Errorf("has %q, want text in quotes, a whole number, true or false", n.Value)
}

func writeJSONString(b *bytes.Buffer, text string) error {
	for _, r := range text {
		if words.Hidden(r) {
			return fmt.Errorf("has the character %U, which does not show", r)
		}
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder ends with a line break
	return nil
}
