package ceremony

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxYAML is the largest YAML file that is read, in bytes. People write and
// review these files; images.yaml, which a command writes, has its own limit.
const maxYAML = 1 << 20

// maxProblems bounds how many problems of one file are reported together.
const maxProblems = 20

// decodeYAML reads one strict YAML document into a struct. The struct's yaml
// tags are the schema: a field is required unless its tag says omitempty.
//
// Strict means that a person and the program read the same: no unknown,
// repeated or empty fields, no anchors, aliases, merges or tags, no second
// document, no conversion between types, and no character that an editor does
// not show. Every problem is reported as `FILE:LINE: FIELD.PATH what; want …`
// with code Usage. A struct that embeds source can do the same later.
func decodeYAML(file string, data []byte, into any) error {
	if len(data) > maxYAML {
		return Errorf(Usage, "%s is %d bytes, want at most %d", file, len(data), maxYAML)
	}
	if err := checkText(file, data); err != nil {
		return err
	}
	root, err := parseYAML(source{file: file}, data)
	if err != nil {
		return err
	}
	d := decoder{source: source{file: file}}
	keeper, keep := into.(interface{ keep(source) })
	if keep {
		d.lines, d.names = make(map[string]int), make(map[string][]string)
	}
	d.value(root, "", reflect.ValueOf(into).Elem())
	if keep {
		keeper.keep(d.source)
	}
	return joinProblems(d.problems)
}

// encodeYAML writes a value as decodeYAML reads it: fields in the order of the
// struct, maps sorted by key, two spaces of indentation.
func encodeYAML(v any) ([]byte, error) {
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

// checkText refuses what makes a file look different from what it is: invalid
// UTF-8, control and formatting characters such as the ones that reverse the
// direction of text, and line breaks that only some programs take for one.
func checkText(file string, data []byte) error {
	line := 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return Errorf(Usage, "%s:%d: invalid UTF-8", file, line)
		case r == '\n':
			line++
		case r == '\r' && i+1 < len(data) && data[i+1] == '\n':
		case r != '\t' && hidden(r):
			return Errorf(Usage, "%s:%d: character %U is not allowed, it does not show", file, line, r)
		}
		i += size
	}
	return nil
}

// hidden reports whether a character is one that people cannot see.
func hidden(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

var yamlError = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?((?s:.*))$`)

// parseYAML returns the content of the only document in data.
func parseYAML(s source, data []byte) (*yaml.Node, error) {
	var document yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&document); err == io.EOF {
		return nil, s.problem(1, Usage, "", "there is nothing in it")
	} else if err != nil {
		m := yamlError.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(m[1]) // not every error has a line
		return nil, s.problem(max(line, 1), Usage, "", "not YAML: %s", m[2])
	}
	if err := d.Decode(new(yaml.Node)); err != io.EOF {
		return nil, s.problem(1, Usage, "", "want one YAML document, got more")
	}
	return document.Content[0], nil
}
