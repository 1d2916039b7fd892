package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/schema"
	"github.com/uptane/keyrite/ceremony/workspace"
)

// schemas are those of the answers, made by go test ./cmd/keyrite -run Schemas -update.
//
//go:embed schemas/*.json
var schemas embed.FS

func (a *app) schemaCommand() *cobra.Command {
	write := false
	c := &cobra.Command{
		Use:   "schema [SCHEMA]",
		Short: "JSON Schemas of every file and of every answer",
		Long: `Print the JSON Schema (draft 2020-12) of a kind of file, such as trust, or of what a
command answers with --output json, by the name in its "schema" field. Without SCHEMA,
list all. Files that keyrite takes fit their schema; keyrite checks more than that.

keyrite init puts those of files that people write into .keyrite/schemas/, where the
first line of trust.yaml and site.yaml sends editors (yaml-language-server). --write
does so again, after an update of keyrite, or in a workspace that has none.`,
		Example: `  keyrite schema trust
  keyrite schema keyrite.status/1

  # the schemas of this version, for editors
  keyrite -C roadster schema --write`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case write && len(args) > 0:
				return fault.Errorf(fault.Usage, "want SCHEMA or --write, one of them")
			case write:
				return a.writeSchemas()
			case len(args) == 0:
				return a.listSchemas()
			}
			return a.printSchema(args[0])
		},
	}
	c.Flags().BoolVar(&write, "write", false, "write the schemas for editors into the workspace")
	return a.answers(c, shownSchema{})
}

// shownSchema is one of: the names of all schemas, one schema, files that were written.
type shownSchema struct {
	Files   []schemaFile    `json:"files,omitempty"`
	Answers []string        `json:"answers,omitempty"`
	Name    string          `json:"name,omitempty"`
	Schema  json.RawMessage `json:"json-schema,omitempty"`
	Written []string        `json:"written,omitempty"` // paths in the workspace
}

// schemaFile is a kind of file that has a schema.
type schemaFile struct {
	Name string `json:"name"`
	Of   string `json:"of"` // pattern of paths in a workspace
}

// answerNames are the names of all schemas of answers.
func (a *app) answerNames() (names []string) {
	for c := range a.results {
		names = append(names, schemaName(c))
		if a.events[c] != nil {
			names = append(names, eventSchemaName(c))
		}
	}
	slices.Sort(names)
	return names
}

// schemaNames are those of files and of answers.
func (a *app) schemaNames() []string {
	names := a.answerNames()
	for _, f := range schema.Files() {
		names = append(names, f.Name)
	}
	return names
}

// schemaPath is where the schema of an answer is embedded.
func schemaPath(name string) string {
	return "schemas/" + strings.TrimSuffix(strings.TrimPrefix(name, "keyrite."), schemaVersion) + ".json"
}

func (a *app) readSchema(name string) ([]byte, error) {
	if data, err := schema.Read(name); err == nil {
		return data, nil
	}
	if !slices.Contains(a.answerNames(), name) {
		return nil, fs.ErrNotExist
	}
	return schemas.ReadFile(schemaPath(name))
}

func (a *app) printSchema(name string) error {
	data, err := a.readSchema(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Errorf(fault.Usage, "there is no schema %q", name).Suggest(name, a.schemaNames()).
			Suggest("keyrite."+name+schemaVersion, a.answerNames()).Hint("keyrite schema lists them")
	}
	if err != nil {
		return err
	}
	return a.print(shownSchema{Name: name, Schema: data}, func(w io.Writer) { w.Write(data) })
}

func (a *app) listSchemas() error {
	shown := shownSchema{Answers: a.answerNames()}
	for _, f := range schema.Files() {
		shown.Files = append(shown.Files, schemaFile(f))
	}
	return a.print(shown, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, f := range shown.Files {
			fmt.Fprintf(t, "%s\t%s\n", f.Name, f.Of)
		}
		for _, name := range shown.Answers {
			fmt.Fprintf(t, "%s\n", name)
		}
		t.Flush()
	})
}

func (a *app) writeSchemas() error {
	return a.withWorkspace(func(ws *workspace.Workspace) error {
		written, err := declare.WriteSchemas(ws.Folder)
		if err != nil {
			return err
		}
		for _, name := range written {
			a.say("wrote %s", name)
		}
		return a.print(shownSchema{Written: written}, nil)
	})
}
