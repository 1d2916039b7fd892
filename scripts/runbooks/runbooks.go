// Package runbooks is what to do in each situation of a fleet's life, for people.
package runbooks

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.md
var files embed.FS

// Names are the situations, by the names of their files without .md.
func Names() (names []string) {
	found, _ := fs.Glob(files, "*.md") // the pattern is a good one
	for _, name := range found {
		names = append(names, strings.TrimSuffix(name, ".md"))
	}
	return names
}

// Text is a runbook in Markdown; found says whether there is one of that name.
func Text(name string) (text string, found bool) {
	data, err := files.ReadFile(name + ".md")
	return string(data), err == nil
}
