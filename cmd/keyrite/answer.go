package main

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/fault"
)

// How a command answers. Each has one result: a struct, declared where the command is
// made (a.answers(c, Result{})), and given to a.print once, with what says the same to
// people. With --output json it leaves in one envelope, also after a failure:
//
//	{"schema": "keyrite.status/1", "ok": false, "result": {…}, "error": {"code": "incomplete", "exit": 5, …}}
//
// A failed command may have both; then print comes before the error is returned. The
// names in a result are those of the YAML (signed-by), times are RFC 3339, durations
// whole seconds (…-seconds), lists have a name (a result is never a bare list), and
// whatever a.say tells people on stderr stands in the result too.
//
// With --output jsonl the envelope is the last line, and what happens before it leaves
// through a.tell, a line for each event of the type that a.tells declared.
//
// The schemas of all answers are made from the types: go test ./cmd/keyrite -run Schemas
// -update. Every answer that a test gets is held against them.

// envelope is what every answer comes in.
type envelope struct {
	Schema string        `json:"schema"` // keyrite.COMMAND/1
	OK     bool          `json:"ok"`
	Result any           `json:"result,omitempty"`
	Error  *fault.Report `json:"error,omitempty"`
}

// event is one line of a command that tells what happens while it happens.
type event struct {
	Schema string `json:"schema"` // keyrite.COMMAND.event/1
	Event  any    `json:"event"`
}

// schemaVersion changes when a name is taken out of a result or means something else.
const schemaVersion = "/1"

// schemaName is what the answers of a command are called: keyrite.token-init/1.
func schemaName(c *cobra.Command) string {
	path := strings.Fields(c.CommandPath())
	if len(path) == 1 {
		return path[0] + ".usage" + schemaVersion // no command was named
	}
	return path[0] + "." + strings.Join(path[1:], "-") + schemaVersion
}

func eventSchemaName(c *cobra.Command) string {
	return strings.TrimSuffix(schemaName(c), schemaVersion) + ".event" + schemaVersion
}

// answers declares the result of a command.
func (a *app) answers(c *cobra.Command, result any) *cobra.Command {
	if a.results == nil {
		a.results = map[*cobra.Command]reflect.Type{}
	}
	a.results[c] = reflect.TypeOf(result)
	return c
}

// tells declares what a command tells while it works.
func (a *app) tells(c *cobra.Command, event any) {
	if a.events == nil {
		a.events = map[*cobra.Command]reflect.Type{}
	}
	a.events[c] = reflect.TypeOf(event)
}

// json says whether programs read the answer.
func (a *app) json() bool { return a.output == "json" || a.output == "jsonl" }

// jsonWanted is the --output of a command line that was not understood.
func jsonWanted(args []string) string {
	for i, arg := range args {
		value, joined := strings.CutPrefix(arg, "--output=")
		switch {
		case arg == "--":
			return ""
		case arg == "--output" && i+1 < len(args):
			value, joined = args[i+1], true
		}
		if joined && slices.Contains([]string{"json", "jsonl"}, value) {
			return value
		}
	}
	return ""
}

// print is the one way in which a command gives its result: for programs it is kept for
// the envelope, for people text writes it to stdout; nil where a.say has said it all.
func (a *app) print(result any, text func(w io.Writer)) error {
	if a.result = result; a.json() || text == nil {
		return nil
	}
	return show(a.stdout, text)
}

// tell writes an event while a command works, for programs that read lines.
func (a *app) tell(c *cobra.Command, what any) error {
	if a.output != "jsonl" {
		return nil
	}
	return a.encode(event{eventSchemaName(c), what})
}

// finish makes the envelope, and writes it for programs. What only helped people, as
// --help did, has none.
func (a *app) finish(c *cobra.Command, err error, code fault.Code) error {
	if err == nil && !a.started {
		return nil
	}
	to := envelope{Schema: schemaName(c), OK: err == nil, Result: a.result}
	if want := a.results[c]; a.result != nil && want != nil && reflect.TypeOf(a.result) != want {
		return fault.Errorf(fault.Failed, "%s: the result is a %T, want a %v", to.Schema, a.result, want)
	}
	if err != nil {
		to.Error = fault.ReportOf(err)
		to.Error.Exit = code
	}
	if a.answer = &to; a.json() {
		return a.encode(to)
	}
	return nil
}

// encode writes a document: lines of its own, or one line.
func (a *app) encode(document any) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	if a.output == "json" {
		e.SetIndent("", "  ")
	}
	return e.Encode(document)
}
