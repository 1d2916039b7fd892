package schema_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/uptane/keyrite/ceremony/declare"
	"github.com/uptane/keyrite/ceremony/images"
	"github.com/uptane/keyrite/ceremony/plan"
	"github.com/uptane/keyrite/ceremony/schema"
	"github.com/uptane/keyrite/ceremony/schematest"
	"github.com/uptane/keyrite/ceremony/strict"
	"github.com/uptane/keyrite/ceremony/witness"
	"github.com/uptane/keyrite/ceremony/workspace"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/policies"
	"golang.org/x/crypto/ssh"
	"gopkg.in/yaml.v3"
)

// compiled is the schema of that name.
func compiled(t *testing.T, name string) *schematest.Schema {
	t.Helper()
	data, err := schema.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schematest.Compile(data)
	if err != nil {
		t.Fatal(name, err)
	}
	return s
}

// TestShape fills every field that a file can have, spoils one place after the other,
// and holds that the schema refuses whatever the decoder does.
func TestShape(t *testing.T) {
	maker, err := schematest.NewMaker("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, empty := range map[string]func() any{
		"trust":       func() any { return new(workspace.Trust) },
		"site":        func() any { return new(workspace.Site) },
		"people":      func() any { return new(workspace.Names) },
		"policy":      func() any { return new(policies.Document) },
		"plan":        func() any { return new(plan.Plan) },
		"record":      func() any { return new(workspace.KeyRecord) },
		"attestation": func() any { return new(workspace.AttestationRecord) },
	} {
		whole := empty()
		fill(t, maker, reflect.ValueOf(whole).Elem())
		data, err := strict.Encode(whole)
		if err != nil {
			t.Fatal(name, err)
		}
		s := compiled(t, name)
		decode := func(data []byte) error { return strict.Decode(name, data, empty()) }
		if name == "trust" {
			data = inRoles(t, data)
		}
		agree(t, name, s, data, decode, nil)
	}
}

// TestStarters does the same with the files that people begin with, and all that is
// checked of them: what the schema refuses, keyrite refuses too.
func TestStarters(t *testing.T) {
	params := declare.InitParams{Fleet: "roadster", Format: "tuf"}
	starter, err := declare.Starter(workspace.TrustFile, params)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "trust", compiled(t, "trust"), starter,
		func(data []byte) error { return strict.Decode("trust.yaml", data, new(workspace.Trust)) },
		func(data []byte) error { _, err := workspace.ParseTrust("trust.yaml", data); return err })
	if starter, err = declare.Starter(workspace.SiteFile, params); err != nil {
		t.Fatal(err)
	}
	agree(t, "site", compiled(t, "site"), starter,
		func(data []byte) error { return strict.Decode("site.yaml", data, new(workspace.Site)) },
		func(data []byte) error { _, err := workspace.ParseSite("site.yaml", data, "/x"); return err })
	list, err := os.ReadFile("testdata/images.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(data []byte) error { _, err := images.Parse("images.yaml", data); return err }
	agree(t, "images", compiled(t, "images"), list, nil, parse)
}

// agree spoils a document in every place. What shape refuses, the schema must refuse;
// what the schema refuses, check must refuse.
func agree(t *testing.T, name string, s *schematest.Schema, data []byte, shape, check func([]byte) error) {
	t.Helper()
	for _, takes := range []func([]byte) error{shape, check} {
		if takes != nil && takes(data) != nil {
			t.Fatalf("%s: %v\n%s", name, takes(data), data)
		}
	}
	if err := s.YAML(data); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, data)
	}
	count := 0
	spoil(t, data, func(what string, spoilt []byte) {
		count++
		refused := s.YAML(spoilt)
		if shape != nil && refused == nil && shape(spoilt) != nil {
			t.Errorf("%s: %s: the schema takes it; %v", name, what, shape(spoilt))
		}
		if refused != nil && check != nil && check(spoilt) == nil {
			t.Errorf("%s: %s: only the schema refuses it: %v", name, what, refused)
		}
	})
	if count < 20 {
		t.Errorf("%s: spoilt in %d places only", name, count)
	}
}

// spoil calls try with the document as it becomes when one value is of another kind,
// missing, or one too many.
func spoil(t *testing.T, data []byte, try func(what string, spoilt []byte)) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	attempt := func(what string) {
		spoilt, err := strict.Encode(&document)
		if err != nil {
			t.Fatal(err)
		}
		try(what, spoilt)
	}
	visit(document.Content[0], "", attempt)
}

func visit(n *yaml.Node, path string, attempt func(string)) {
	for what, other := range map[string]yaml.Node{
		"a list":    {Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}}},
		"a mapping": {Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "zz"}, {Kind: yaml.ScalarNode, Value: "x"}}},
		"text":      {Kind: yaml.ScalarNode, Value: "zz zz"},
		"a number":  {Kind: yaml.ScalarNode, Value: "7"},
		"empty":     {Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"},
	} {
		before := *n
		*n = other
		attempt(path + " is " + what)
		*n = before
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, element := range n.Content {
			visit(element, path+"[]", attempt)
		}
	case yaml.MappingNode:
		members := n.Content
		for i := 0; i < len(members); i += 2 {
			n.Content = append(append([]*yaml.Node{}, members[:i]...), members[i+2:]...)
			if len(n.Content) > 0 {
				attempt(path + " without " + members[i].Value)
			}
			n.Content = members
			visit(members[i+1], path+"."+members[i].Value, attempt)
		}
		n.Content = append(append([]*yaml.Node{}, members...), &yaml.Node{Kind: yaml.ScalarNode, Value: "zz"}, &yaml.Node{Kind: yaml.ScalarNode, Value: "x"})
		attempt(path + " with a field too many")
		n.Content = members
	}
}

// fill gives every field a value that can be read back.
func fill(t *testing.T, maker *schematest.Maker, v reflect.Value) {
	switch v.Addr().Interface().(type) {
	case *time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)))
		return
	case *policies.Lifetime:
		v.SetInt(int64(36 * time.Hour))
		return
	case *hsm.KeyType:
		v.SetString("ed25519")
		return
	case *witness.Key:
		v.Set(reflect.ValueOf(witnessKey(t)))
		return
	case *strict.Source:
		return
	}
	switch v.Kind() {
	case reflect.String:
		text := any("text")
		if words := maker.Words(v.Type()); v.Type().PkgPath() != "" && words != nil {
			text = words[0]
		}
		v.SetString(text.(string))
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, maker, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, maker, v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(0xab)
		}
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(t, maker, element)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("name").Convert(v.Type().Key()), element)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Tag.Get("yaml") != "-" {
				fill(t, maker, v.Field(i))
			}
		}
	default:
		t.Fatalf("a %v cannot be filled", v.Type())
	}
}

func witnessKey(t *testing.T) witness.Key {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := witness.ParseKey(string(ssh.MarshalAuthorizedKey(key)))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// inRoles gives the one role that was filled the names of all four, and its repository
// a format that there is.
func inRoles(t *testing.T, data []byte) []byte {
	var document map[string]any
	if err := yaml.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	repository := document["repositories"].(map[string]any)["name"].(map[string]any)
	role, named := repository["roles"].(map[string]any)["name"], map[string]any{}
	for _, name := range workspace.TopLevel {
		named[name] = role
	}
	repository["roles"], repository["format"] = named, "tuf"
	data, err := strict.Encode(document)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
