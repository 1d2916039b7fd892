package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/schema"
	"github.com/uptane/keyrite/ceremony/schematest"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
)

var update = flag.Bool("update", false, "make what is generated anew")

// TestSchemas holds that the schema of each answer is what its type and the comments say
// now, and that names are spelled as in the YAML.
func TestSchemas(t *testing.T) {
	maker, err := schematest.NewMaker("../..")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{}
	a.rootCommand()
	made := map[string][]byte{}
	for c, result := range a.results {
		if made[schemaPath(schemaName(c))], err = maker.Result(schemaName(c), result); err != nil {
			t.Fatal(err)
		}
		if event := a.events[c]; event != nil {
			if made[schemaPath(eventSchemaName(c))], err = maker.Event(eventSchemaName(c), event); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, want := range made {
		kebab(t, name, want)
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got, err := schemas.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not current (%v); make it with go test ./cmd/keyrite -run Schemas -update", name, err)
		}
	}
	there, err := filepath.Glob("schemas/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		if made[name] == nil {
			t.Errorf("%s is of no command; remove it", name)
		}
	}
}

var kebabCase = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// kebab holds that every name of a schema is spelled in one way.
func kebab(t *testing.T, file string, data []byte) {
	t.Helper()
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, is := v["properties"].(map[string]any); is {
				for name := range properties {
					if !kebabCase.MatchString(name) {
						t.Errorf("%s: %q, want words with hyphens between them", file, name)
					}
				}
			}
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, element := range v {
				walk(element)
			}
		}
	}
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	walk(document)
}

// checkedMain is main as all tests call it. What it answers to programs is held against
// its schema, and what it would have answered where people read.
func checkedMain() {
	if jsonWanted(os.Args[1:]) != "" && os.Getenv("KEYRITE_ANSWER") == "" {
		os.Exit(answerTo(os.Args))
	}
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	code := a.main()
	if a.answer == nil || a.answer.OK && a.answer.Result == nil && !a.json() {
		os.Exit(code) // what has a format of its own
	}
	data, err := json.Marshal(a.answer)
	if err == nil {
		err = checkAnswer(a.answer.Schema, data)
	}
	if err == nil && a.answer.OK {
		err = note(a.answer.Schema)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "what keyrite answers does not fit its schema: %v\n", err)
		os.Exit(97)
	}
	os.Exit(code)
}

// answerTo runs the command in a process of its own, and checks the very bytes.
func answerTo(args []string) (code int) {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	c := exec.Command(self, args[1:]...)
	c.Args[0] = args[0]
	var out bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, &out, os.Stderr
	c.Env = append(os.Environ(), "KEYRITE_ANSWER=1")
	err = c.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		panic(err)
	}
	os.Stdout.Write(out.Bytes())
	if err := checkAnswers(out.Bytes()); err != nil {
		fmt.Fprintf(os.Stderr, "what keyrite answers does not fit its schema: %v\n", err)
		return 97
	}
	return c.ProcessState.ExitCode()
}

// note remembers which commands have answered with their result.
func note(name string) error {
	file := os.Getenv("KEYRITE_ANSWERED")
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, name)
	return err
}

// elsewhere are commands that no script can call to their end: a share is shown to each
// of several people, an attestation is signed by a vendor, and the list of incidents has
// its own tests.
var elsewhere = []string{"keyrite token shares", "keyrite key attest", "keyrite incident list", "keyrite incident show"}

// allAnswer holds, once all scripts have run, that every command has answered with its
// result in one of them, and so that its schema was tried.
func allAnswer(t *testing.T, file string) {
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") || t.Failed() {
		return // not all have run
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	answered := strings.Split(string(data), "\n")
	a := &app{}
	leaves(a.rootCommand(), func(c *cobra.Command) {
		if !slices.Contains(answered, schemaName(c)) && !slices.Contains(elsewhere, c.CommandPath()) {
			t.Errorf("%s: no script gets its result; call it with --output json where it works", c.CommandPath())
		}
	})
}

// checkAnswers holds each document of an output against the schema that it names.
func checkAnswers(out []byte) error {
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var document json.RawMessage
		if err := d.Decode(&document); err != nil {
			if len(bytes.TrimSpace(out)) == 0 {
				return errors.New("there is no answer")
			}
			if err.Error() == "EOF" {
				return nil
			}
			return nil // help for people
		}
		var named struct{ Schema string }
		if err := json.Unmarshal(document, &named); err != nil {
			return err
		}
		if err := checkAnswer(named.Schema, document); err != nil {
			return fmt.Errorf("%s: %w", named.Schema, err)
		}
	}
}

func checkAnswer(name string, document []byte) error {
	data, err := schemas.ReadFile(schemaPath(name))
	if errors.Is(err, fs.ErrNotExist) { // what is no command has errors only
		data, err = schemas.ReadFile("schemas/version.json")
		data = bytes.ReplaceAll(data, []byte("keyrite.version/1"), []byte(name))
	}
	if err != nil {
		return err
	}
	s, err := schematest.Compile(data)
	if err != nil {
		return err
	}
	return s.JSON(document)
}

// checkFiles holds the files of a workspace against their schemas at the end of a script:
// what keyrite takes, an editor must not mark as wrong.
func checkFiles(env *testscript.Env) {
	env.Defer(func() {
		for _, err := range misfits(env.WorkDir) {
			env.T().Log(err)
			defer env.T().FailNow()
		}
	})
}

// decoders read each kind of file as keyrite does.
var decoders = map[string]func(data []byte) error{
	"trust":       func(data []byte) error { return strict.Decode("", data, new(workspace.Trust)) },
	"site":        func(data []byte) error { return strict.Decode("", data, new(workspace.Site)) },
	"people":      func(data []byte) error { return strict.Decode("", data, new(workspace.Names)) },
	"images":      func(data []byte) error { _, err := images.Parse("", data); return err },
	"policy":      func(data []byte) error { _, err := workspace.ParsePolicy("policy", data); return err },
	"plan":        func(data []byte) error { return strict.Decode("", data, new(plan.Plan)) },
	"transcript":  func(data []byte) error { _, err := transcript.Parse("", data); return err },
	"record":      func(data []byte) error { return strict.Decode("", data, new(workspace.KeyRecord)) },
	"attestation": func(data []byte) error { return strict.Decode("", data, new(workspace.AttestationRecord)) },
}

// misfits are the files below dir that keyrite can read and that do not fit their schema.
func misfits(dir string) (problems []error) {
	filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		for _, kind := range schema.Files() {
			if !isOf(kind.Of, name) {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil || decoders[kind.Name](data) != nil {
				continue
			}
			if err := fits(kind.Name, data); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", name, err))
			}
		}
		return nil
	})
	return problems
}

// isOf says whether the end of a path is of a pattern.
func isOf(pattern, name string) bool {
	parts, want := strings.Split(filepath.ToSlash(name), "/"), strings.Count(pattern, "/")+1
	if len(parts) < want {
		return false
	}
	of, err := path.Match(pattern, strings.Join(parts[len(parts)-want:], "/"))
	return err == nil && of
}

func fits(kind string, data []byte) error {
	text, err := schema.Read(kind)
	if err != nil {
		return err
	}
	s, err := schematest.Compile(text)
	if err != nil {
		return err
	}
	if kind != "transcript" {
		return s.YAML(data)
	}
	for line := range bytes.Lines(data) {
		if err := s.JSON(line); err != nil {
			return err
		}
	}
	return nil
}

// TestSchemaLines holds that editors are sent to a schema that init writes.
func TestSchemaLines(t *testing.T) {
	dir := t.TempDir()
	if code, _ := executed(t, "init", dir); code != 0 {
		t.Fatal(code)
	}
	for _, name := range []string{"trust", "site"} {
		data, err := os.ReadFile(filepath.Join(dir, name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(data), "\n")
		if line != schema.Line(name) {
			t.Errorf("%s.yaml begins with %q, want %q", name, line, schema.Line(name))
		}
		_, file, _ := strings.Cut(line, "$schema=")
		written, err := os.ReadFile(filepath.Join(dir, file))
		want, _ := schema.Read(name)
		if err != nil || !bytes.Equal(written, want) {
			t.Errorf("%s is not the schema of %s: %v", file, name, err)
		}
	}
	if !slices.Contains(schema.Written(), "people") {
		t.Error("people.yaml has no schema in a workspace")
	}
}

// TestCheckAnswers shows that an answer which does not fit is noticed.
func TestCheckAnswers(t *testing.T) {
	const good = `{"schema": "keyrite.init/1", "ok": true, "result": {"dir": "x", "fleet": "x", "format": "tuf", "files": []}}`
	for answer, fits := range map[string]bool{
		good: true,
		`{"schema":"keyrite.usage/1","ok":false,"error":{"code":"usage","exit":2,"message":"x","where":[],"hints":[]}}`: true,
		"":                                      false,
		`{"schema":"keyrite.none/1","ok":true}`: false,
		strings.Replace(good, `"ok": true`, `"ok": false`, 1):          false,
		strings.Replace(good, `"files": []`, `"files": null`, 1):       false,
		strings.Replace(good, `"dir": "x", `, ``, 1):                   false,
		strings.Replace(good, `"dir": "x", `, `"Dir": "x", `, 1):       false,
		strings.Replace(good, `keyrite.init/1`, `keyrite.status/1`, 1): false,
	} {
		if err := checkAnswers([]byte(answer)); (err == nil) != fits {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// TestMisfits shows that a file which keyrite takes and its schema does not is noticed.
func TestMisfits(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "site.yaml"), []byte("version: 0\nsite: x\nmodules: {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if problems := misfits(dir); len(problems) != 1 {
		t.Errorf("got %v, want one", problems)
	}
}
