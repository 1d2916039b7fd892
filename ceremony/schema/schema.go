package schema

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed files/*.json
var files embed.FS

// File is the schema of one kind of file.
type File struct {
	Name string // trust, site, …
	Of   string // the files that it is of, as a pattern of paths in a workspace
}

// Files lists the kinds of files that have a schema, those that people write first.
func Files() []File {
	return []File{
		{"trust", "trust.yaml"}, {"site", "site.yaml"}, {"people", "people.yaml"}, {"images", "images.yaml"},
		{"policy", "policies/*.yaml"},
		{"plan", "ceremonies/*/plan.yaml"}, {"transcript", "ceremonies/*/*/transcript.jsonl"},
		{"record", "keys/*.yaml"}, {"attestation", "attestations/*.yaml"},
	}
}

// Read returns the schema of that name, with [fs.ErrNotExist] for another name.
func Read(name string) ([]byte, error) {
	if !slices.ContainsFunc(Files(), func(f File) bool { return f.Name == name }) {
		return nil, fs.ErrNotExist
	}
	return files.ReadFile("files/" + name + ".json")
}

// Dir is where a workspace has the schemas of the files that people write, so that an
// editor without a network finds them.
const Dir = ".keyrite/schemas"

// Written are the names of the schemas that a workspace has.
func Written() (names []string) {
	for _, f := range Files() {
		if !strings.Contains(f.Of, "*") || f.Name == "policy" {
			names = append(names, f.Name)
		}
	}
	return names
}

// Line is the first line of a file of that kind in the workspace's own folder: it tells
// editors with yaml-language-server where the schema is.
func Line(name string) string { return "# yaml-language-server: $schema=" + Dir + "/" + name + ".json" }
