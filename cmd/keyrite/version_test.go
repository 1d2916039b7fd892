package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestBuildOf(t *testing.T) {
	const unset, commit = "$Format:%H$", "013f4bf5f0a1"
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: modified}}
	}
	for _, test := range []struct {
		name, archived string
		module         string
		settings       []debug.BuildSetting
		want           string
	}{
		{"nothing noted", unset, "", nil, release},
		{"-buildvcs=false", unset, "(devel)", nil, release},
		{"a checkout", unset, "v0.0.0-20261130110713-013f4bf5f0a1", vcs("false"), release + " " + commit},
		{"a changed checkout", unset, "v0.0.0-20261130110713-013f4bf5f0a1+dirty", vcs("true"), release + " " + commit + ", modified"},
		{"an archive", commit, "(devel)", nil, release + " " + commit},
		{"an archive in somebody's checkout", "abc", "(devel)", vcs("false"), release + " " + commit},
		{"the module proxy", unset, "v0.0.0-20261130110713-013f4bf5f0a1", nil, release + " v0.0.0-20261130110713-013f4bf5f0a1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			info := &debug.BuildInfo{Main: debug.Module{Version: test.module}, Settings: test.settings}
			if got := buildOf(info, test.archived, "2026-11-30T19:33:32Z").String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestVersion is the command itself, built as tests are: without a commit.
func TestVersion(t *testing.T) {
	if got := version(); !regexp.MustCompile(`^\d+\.\d+\.\d+`).MatchString(got) {
		t.Errorf("got %q, want a release first", got)
	}
}

// TestSBOM holds the bill of materials against the schema of CycloneDX, and has every
// module in it.
func TestSBOM(t *testing.T) {
	b := build{Release: release, Module: "github.com/uptane/keyrite", Version: "(devel)", Commit: "013f4bf5f0a1", Go: "go1.26.0",
		Time: time.Date(2026, 11, 30, 19, 33, 32, 0, time.UTC), Dependencies: []dependency{{"golang.org/x/sys", "v0.49.0", "h1:x="}, {"gopkg.in/yaml.v3", "v3.0.1", ""}}}
	var out, again bytes.Buffer
	if err := writeSBOM(&out, b); err != nil {
		t.Fatal(err)
	}
	if err := writeSBOM(&again, b); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("the same build has another bill: %v", err)
	}
	for _, want := range []string{`"pkg:golang/golang.org/x/sys@v0.49.0"`, `"pkg:golang/std@1.26.0"`, `"h1:x="`, `"timestamp": "2026-11-30T19:33:32Z"`, `"pkg:golang/github.com/uptane/keyrite@0.1.0-dev+013f4bf5f0a1"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in\n%s", want, out.String())
		}
	}
	document, err := jsonschema.UnmarshalJSON(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := cycloneDX(t).Validate(document); err != nil {
		t.Error(err)
	}
}

// cycloneDX is the schema of CycloneDX 1.6, as the library has it for its own tests.
func cycloneDX(t *testing.T) *jsonschema.Schema {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	for name, file := range map[string]string{"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "schema", file))
		if err != nil && name == "bom-1.6.schema.json" {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(data, &document); err != nil {
			t.Fatal(file, err)
		}
		if err := c.AddResource("http://cyclonedx.org/schema/"+name, document); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
