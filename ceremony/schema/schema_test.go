package schema_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/schema"
	"github.com/uptane/keyrite/ceremony/schematest"
	"github.com/uptane/keyrite/ceremony/transcript"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
	"github.com/uptane/keyrite/roles"
)

var update = flag.Bool("update", false, "make the schemas anew")

// imageList is images.yaml as it stands in the file.
type imageList struct {
	Version int            `yaml:"version"` // of the file format: 1
	Images  []images.Image `yaml:"images"`
}

// TestCurrent holds that each schema is what the types and their comments say now.
func TestCurrent(t *testing.T) {
	maker, err := schematest.NewMaker("../..")
	if err != nil {
		t.Fatal(err)
	}
	make := map[string]func() ([]byte, error){
		"trust":  func() ([]byte, error) { return maker.File("trust", workspace.Trust{}, trust) },
		"site":   func() ([]byte, error) { return maker.File("site", workspace.Site{}, first("workspace.Site")) },
		"people": func() ([]byte, error) { return maker.File("people", workspace.Names{}, first("workspace.Names")) },
		"images": func() ([]byte, error) { return maker.File("images", imageList{}, imagesFile) },
		"policy": func() ([]byte, error) { return maker.File("policy", policies.Document{}, first("policies.Document")) },
		"plan":   func() ([]byte, error) { return maker.File("plan", plan.Plan{}, first("plan.Plan")) },
		"record": func() ([]byte, error) {
			return maker.File("record", workspace.KeyRecord{}, first("workspace.KeyRecord"))
		},
		"attestation": func() ([]byte, error) {
			return maker.File("attestation", workspace.AttestationRecord{}, first("workspace.AttestationRecord"))
		},
		"transcript": func() ([]byte, error) { return maker.Line("transcript", transcript.Event{}) },
	}
	for _, f := range schema.Files() {
		want, err := make[f.Name]()
		if err != nil {
			t.Fatal(f.Name, err)
		}
		if *update {
			if err := os.WriteFile("files/"+f.Name+".json", want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := schema.Read(f.Name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: the schema is not current (%v); make it with go test ./ceremony/schema -update", f.Name, err)
		}
	}
}

// first says that a file is of the first format.
func first(name string) schematest.Refine {
	return func(types map[string]*jsonschema.Schema) { property(types, name, "version").Const = 1 }
}

func property(types map[string]*jsonschema.Schema, of, name string) *jsonschema.Schema {
	p, _ := types[of].Properties.Get(name)
	return p
}

// trust names the roles of a repository, and what stands for formats, presets and types
// of keys.
func trust(types map[string]*jsonschema.Schema) {
	first("workspace.Trust")(types)
	declared := property(types, "workspace.Repository", "roles")
	role := declared.AdditionalProperties
	declared.Properties, declared.AdditionalProperties = jsonschema.NewProperties(), jsonschema.FalseSchema
	for _, name := range workspace.TopLevel {
		declared.Properties.Set(name, role)
		declared.Required = append(declared.Required, name)
	}
	format := property(types, "workspace.Repository", "format")
	for _, f := range roles.Formats {
		format.Enum = append(format.Enum, f.Name())
	}
	policy := property(types, "workspace.Repository", "policy")
	for _, name := range policies.Presets() {
		policy.Examples = append(policy.Examples, name)
	}
	kind := property(types, "workspace.KeyDecl", "type")
	kind.Pattern = ""
	for _, k := range hsm.KeyTypes() {
		kind.Enum = append(kind.Enum, k)
	}
	for _, name := range []string{"workspace.RoleDecl", "workspace.DelegationDecl"} {
		property(types, name, "threshold").Minimum = "1"
	}
}

// imagesFile says what custom is: anything that metadata can carry, and what the Uptane
// Standard names of it.
func imagesFile(types map[string]*jsonschema.Schema) {
	first("schema_test.imageList")(types)
	custom, one := property(types, "images.Image", "custom"), uint64(1)
	description := custom.Description
	known := jsonschema.NewProperties()
	known.Set("hardwareIds", &jsonschema.Schema{Description: "list of the hardware ids that may install it (Uptane Standard 2.1.0 §5.2.3.1.1)"})
	known.Set("releaseCounter", &jsonschema.Schema{Description: "whole number that may not decrease on an ECU"})
	*custom = jsonschema.Schema{Type: "object", Description: description, Properties: known, MinProperties: &one}
	property(types, "images.Image", "length").Minimum = "0"
}
