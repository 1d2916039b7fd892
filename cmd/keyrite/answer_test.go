package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// leaves calls do with each command that does something itself.
func leaves(c *cobra.Command, do func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		leaves(sub, do)
	}
	if c.HasParent() && c.Runnable() && (!c.HasSubCommands() || c.HasAvailableLocalFlags()) {
		do(c)
	}
}

// TestEveryCommandAnswers holds that each command has declared its result, and that the
// result is a struct, to which names can be added.
func TestEveryCommandAnswers(t *testing.T) {
	a := &app{}
	leaves(a.rootCommand(), func(c *cobra.Command) {
		result := a.results[c]
		if result == nil {
			t.Errorf("%s: declares no result; want return a.answers(c, Result{})", c.CommandPath())
			return
		}
		if result.Kind() == reflect.Pointer {
			result = result.Elem()
		}
		if result.Kind() != reflect.Struct {
			t.Errorf("%s: the result is a %v, want a struct", c.CommandPath(), result)
		}
	})
}

func TestJSONWanted(t *testing.T) {
	for line, want := range map[string]string{
		"status --output json":      "json",
		"--output=jsonl run --what": "jsonl",
		"status --output text":      "",
		"status --output":           "",
		"run -- --output json":      "",
		"status":                    "",
	} {
		if got := jsonWanted(strings.Fields(line)); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// executed runs a command line in this process and returns its exit code and stdout.
func executed(t *testing.T, args ...string) (code int, stdout string) {
	t.Helper()
	name := t.TempDir() + "/stdout"
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func(out, err *os.File) { os.Stdout, os.Stderr = out, err }(os.Stdout, os.Stderr)
	os.Stdout, os.Stderr = file, file
	if os.Stderr, err = os.Open(os.DevNull); err != nil {
		t.Fatal(err)
	}
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	code = a.execute(t.Context(), args)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if jsonWanted(args) != "" {
		if err := checkAnswers(data); err != nil {
			t.Errorf("%s: %v", strings.Join(args, " "), err)
		}
	}
	return code, string(data)
}

// TestEnvelope shows the envelope of what goes well, of mistakes in the command line,
// and of mistakes in a file.
func TestEnvelope(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/trust.yaml", []byte("version: 1\nfleet: x\nrepositorys: {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		line, schema, word string
		exit               int
	}{
		{"policy explain KEYS-DISTINCT --output json", "keyrite.policy-explain/1", "", 0},
		{"policy explain KEYS --output json", "keyrite.policy-explain/1", "usage", 2},
		{"status --output json --what", "keyrite.status/1", "usage", 2},
		{"status --what --output=jsonl", "keyrite.status/1", "usage", 2},
		{"statsu --output json", "keyrite.usage/1", "usage", 2},
		{"--output json", "keyrite.usage/1", "usage", 2},
		{"token --output json", "keyrite.token/1", "usage", 2},
		{"bundle image --output json", "keyrite.bundle/1", "usage", 2},
		{"-C " + dir + " status --output json", "keyrite.status/1", "file-malformed", 2},
		{"-C " + dir + "/none status --output json", "keyrite.status/1", "file-missing", 2},
	} {
		code, stdout := executed(t, strings.Fields(test.line)...)
		var got struct {
			Schema string
			OK     bool
			Result map[string]any
			Error  struct {
				Code, Message string
				Exit          int
				Where         []struct {
					File, Field, Message string
					Line                 int
				}
				Hints []string
			}
		}
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Errorf("%s: %v\n%s", test.line, err, stdout)
			continue
		}
		if code != test.exit || got.Error.Exit != code || got.Schema != test.schema || got.Error.Code != test.word || got.OK != (code == 0) || got.OK == (got.Result == nil) {
			t.Errorf("%s: exit code %d\n%s", test.line, code, stdout)
		}
		if place := got.Error.Where; test.word == "file-malformed" && (len(place) == 0 || place[0].File != "trust.yaml" || place[0].Line != 3 || place[0].Field != "repositorys") {
			t.Errorf("%s: where is %v", test.line, place)
		}
		if strings.Contains(test.line, "jsonl") && strings.Count(stdout, "\n") != 1 {
			t.Errorf("%s: want one line\n%s", test.line, stdout)
		}
	}
}

// TestPeopleGetNoEnvelope shows that help is help, whatever else was asked for.
func TestPeopleGetNoEnvelope(t *testing.T) {
	for _, line := range []string{"status --help --output json", "--help", "token", "policy explain KEYS"} {
		if _, stdout := executed(t, strings.Fields(line)...); strings.Contains(stdout, `"schema"`) {
			t.Errorf("%s: got\n%s", line, stdout)
		}
	}
}

// TestFullDisk fails where the result cannot be written.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	defer func(out, err *os.File) { os.Stdout, os.Stderr = out, err }(os.Stdout, os.Stderr)
	os.Stdout, os.Stderr = full, full
	for _, output := range []string{"text", "json"} {
		a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
		if code := a.execute(t.Context(), []string{"policy", "explain", "KEYS-DISTINCT", "--output", output}); code != 1 {
			t.Errorf("%s: exit code %d, want 1", output, code)
		}
	}
}
