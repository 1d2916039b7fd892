package strict

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"unicode"
	"unicode/utf8"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/words"
	"gopkg.in/yaml.v3"
)

// MaxBytes is the largest YAML file that is read, in bytes. People write and
// review these files; images.yaml, which a command writes, has its own limit.
const MaxBytes = 1 << 20

// maxProblems bounds how many problems of one file are reported together.
const maxProblems = 20

// Decode reads one strict YAML document into a struct. The struct's yaml
// tags are the schema: a field is required unless its tag says omitempty.
//
// Strict means that a person and the program read the same: no unknown,
// repeated or empty fields, no anchors, aliases, merges or tags, no second
// document, no conversion between types, and no character that an editor does
// not show. Every problem is reported as `FILE:LINE: FIELD.PATH what; want …`
// with code Usage. A struct that embeds source can do the same later.
func Decode(file string, data []byte, into any) error {
	return DecodeUpTo(MaxBytes, file, data, into)
}

// DecodeUpTo is Decode for a file that a command writes, with a limit of its own
// in bytes.
func DecodeUpTo(limit int, file string, data []byte, into any) error {
	if len(data) > limit {
		return fault.Errorf(fault.Usage, "%s is %d bytes, want at most %d", file, len(data), limit)
	}
	source := At(file, 0)
	if err := source.CheckText(data); err != nil {
		return err
	}
	root, err := Parse(source, data)
	if err != nil {
		return err
	}
	if err := newer(source, root); err != nil {
		return err
	}
	d := Decoder{Source: source}
	keeper, keep := into.(interface{ keep(Source) })
	if keep {
		d.lines, d.names = make(map[string]int), make(map[string][]string)
	}
	d.Value(root, "", reflect.ValueOf(into).Elem())
	if keep {
		keeper.keep(d.Source)
	}
	return Join(d.Problems)
}

// newer refuses a file of a later version in one line: nobody here knows its fields, nor
// what they mean.
func newer(s Source, root *yaml.Node) error {
	for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); i += 2 {
		value := root.Content[i+1]
		if number, ok := WholeNumber(value); root.Content[i].Value == "version" && ok && number > 1 {
			return s.Problem(value.Line, fault.Usage, "version", "is %d, want 1", number).Hint("the file is for a newer keyrite: use that one")
		}
	}
	return nil
}

// Encode writes a value as decodeYAML reads it: fields in the order of the
// struct, maps sorted by key, two spaces of indentation.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	if err := e.Close(); err != nil {
		return nil, fmt.Errorf("encode YAML: %w", err)
	}
	return b.Bytes(), nil
}

// CheckText refuses what makes a file look different from what it is: invalid
// UTF-8, control and formatting characters such as the ones that reverse the
// direction of text, and line breaks that only some programs take for one.
func (s *Source) CheckText(data []byte) error {
	line := 1
	for i := 0; i < len(data); {
		if ' ' <= data[i] && data[i] <= '~' { // nearly all of a file of 512 MiB
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return s.Problem(line, fault.Usage, "", "invalid UTF-8")
		case r == '\n':
			line++
		case r == '\r' && i+1 < len(data) && data[i+1] == '\n':
		case r != '\t' && words.Hidden(r):
			return s.Problem(line, fault.Usage, "", "has %s, which does not show; want %s", character(r), instead(r))
		}
		i += size
	}
	return nil
}

// character is one that does not show, by its name where people may know it.
func character(r rune) string {
	switch r {
	case '\ufeff':
		return "a byte order mark (U+FEFF)"
	case '\u00a0', '\u202f':
		return fmt.Sprintf("a no-break space (%U)", r)
	case '\r':
		return "a carriage return without a line feed (U+000D)"
	}
	return fmt.Sprintf("the character %U", r)
}

// instead is what to write in its place.
func instead(r rune) string {
	switch {
	case r == '\ufeff':
		return "UTF-8 without it"
	case unicode.IsSpace(r) && r != '\r':
		return "a plain space"
	case r == '\r':
		return "lines that end with a line feed"
	}
	return "the text without it"
}

// Parse returns the content of the only document in data.
func Parse(s Source, data []byte) (*yaml.Node, error) {
	var document yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&document); err == io.EOF {
		return nil, s.Problem(1, fault.Usage, "", "there is nothing in it")
	} else if err != nil {
		return nil, mistake(s, data, err)
	}
	if err := d.Decode(new(yaml.Node)); err != io.EOF {
		return nil, s.Problem(1, fault.Usage, "", "want one YAML document, got more")
	}
	return document.Content[0], nil
}
