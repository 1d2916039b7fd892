package strict

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func scalar(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

func mapping(style yaml.Style, s ...string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Style: style}
	for _, part := range s {
		n.Content = append(n.Content, scalar(part))
	}
	return n
}

func TestSet(t *testing.T) {
	entry, line := mapping(0, "path", "/x", "pin", "ask"), mapping(yaml.FlowStyle, "path", "/x", "pin", "ask")
	for _, test := range []struct {
		name, before, path string
		value              *yaml.Node
		want               string
	}{
		{"at the end of a block", "a:\n  b: 1 # one\n\n# about c\nc: 2\n", "a.d", scalar("3"), "a:\n  b: 1 # one\n  d: 3\n\n# about c\nc: 2\n"},
		{"a block in a block", "a:\n  b:\n    path: /y\nc: 2\n", "a.d", entry, "a:\n  b:\n    path: /y\n  d:\n    path: /x\n    pin: ask\nc: 2\n"},
		{"a line in a block", "a:\n    b: {path: /y}\n", "a.d", line, "a:\n    b: {path: /y}\n    d: {path: /x, pin: ask}\n"},
		{"below comments that are indented", "a:\n  b: 1\n  # c: 2\n# c is next\nc: 2\n", "a.d", scalar("3"), "a:\n  b: 1\n  # c: 2\n  d: 3\n# c is next\nc: 2\n"},
		{"above the comment of the next", "a:\n  b:\n    x: 1\n  # about c\n  c:\n    y: 2\n", "a.b.d", scalar("3"), "a:\n  b:\n    x: 1\n    d: 3\n  # about c\n  c:\n    y: 2\n"},
		{"a section below its example", "a: 1\n\n# b, by name\n# b:\n#   x: 1\n\n# c\nc: 2\n", "b.d", entry, "a: 1\n\n# b, by name\n# b:\n#   x: 1\nb:\n  d:\n    path: /x\n    pin: ask\n\n# c\nc: 2\n"},
		{"a section at the end", "a: 1\n\n", "b.d", scalar("2"), "a: 1\nb:\n  d: 2\n\n"},
		{"without a last newline", "a: 1", "b", scalar("2"), "a: 1\nb: 2\n"},
		{"line breaks of Windows", "a:\r\n  b: 1\r\nc: 2\r\n", "a.d", entry, "a:\r\n  b: 1\r\n  d:\r\n    path: /x\r\n    pin: ask\r\nc: 2\r\n"},
		{"in braces", "a: {b: 1} # x\n", "a.d", scalar("2"), "a: {b: 1, d: 2} # x\n"},
		{"in wide braces", "a: { b: 'it''s' }\n", "a.d", entry, "a: { b: 'it''s', d: {path: /x, pin: ask} }\n"},
		{"in empty braces", "a: {}\n", "a.d", scalar("2"), "a: {d: 2}\n"},
		{"deep in braces", "a: {b: {c: \"}\\\"\", l: [1, ']']}}\n", "a.b.d", scalar("2"), "a: {b: {c: \"}\\\"\", l: [1, ']'], d: 2}}\n"},
		{"after two bytes a character", "é: {ü: 1, b: {c: 1}}\n", "é.b.c", scalar("2"), "é: {ü: 1, b: {c: 2}}\n"},
		{"over a plain value", "a:\n  b: old # why\n", "a.b", scalar("new"), "a:\n  b: new # why\n"},
		{"over a quoted value", "a: {b: \"o\\\"ld\", c: 1}\n", "a.b", scalar("new"), "a: {b: new, c: 1}\n"},
		{"over an empty quoted value", "a: ''\n", "a", scalar("new"), "a: new\n"},
		{"over a list", "a: [1, 2] # x\n", "a", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{scalar("3")}}, "a: [3] # x\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Set("x.yaml", []byte(test.before), strings.Split(test.path, "."), test.value)
			if err != nil || string(got) != test.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, test.want)
			}
		})
	}
}

// TestSetRefuses leaves to people what it could spoil.
func TestSetRefuses(t *testing.T) {
	for name, test := range map[string][2]string{
		"a value in a mapping's place": {"a: 1\n", "a.b"},
		"a block over a value":         {"a:\n  b: 1\n", "a"},
		"text on many lines":           {"a: |\n  x\n", "a"},
		"a plain value on two lines":   {"a: x\n  y\n", "a"},
		"braces on many lines":         {"a: {b: 1,\n  c: 2,\n}\n", "a.d"},
		"a comma at the end":           {"a: {b: 1, }\n", "a.d"},
		"a comment in braces":          {"a: {b: 1 # }\n  }\n", "a.d"},
	} {
		if got, err := Set("x.yaml", []byte(test[0]), strings.Split(test[1], "."), scalar("2")); err == nil || !strings.Contains(err.Error(), "x.yaml: "+test[1]+" is spelled") {
			t.Errorf("%s: got %v\n%s", name, err, got)
		}
	}
}

// FuzzSet holds that a field that was set reads back, and that no line is lost.
func FuzzSet(f *testing.F) {
	f.Add([]byte("a:\n  b: 1 # one\n\n# about c\nc: 2\n"), "a", "b")
	f.Add([]byte("a: {b: [1, '2'], c: \"3\"}\n# d:\n#   x: 1\n"), "d", "x")
	f.Fuzz(func(t *testing.T, data []byte, section, name string) {
		var before, after map[string]map[string]string
		if Decode("x.yaml", data, &before) != nil {
			return
		}
		got, err := Set("x.yaml", data, []string{section, name}, scalar("new"))
		if err != nil || Decode("x.yaml", got, &after) != nil {
			return // the caller refuses it
		}
		if after[section][name] != "new" {
			return
		}
		if strings.Count(string(got), "\n") < strings.Count(string(data), "\n") {
			t.Errorf("lines were lost: %q became %q", data, got)
		}
	})
}
