package digest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/strict"
	"gopkg.in/yaml.v3"
)

// The hash of "abc" (FIPS 180-4, example of SHA-256).
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func TestSpellings(t *testing.T) {
	s := Of([]byte("abc"))
	for verb, want := range map[string]string{"%s": abc, "%v": abc, "%x": abc, "%X": strings.ToUpper(abc), "%q": `"` + abc + `"`, "%.8s": abc[:8]} {
		if got := fmt.Sprintf(verb, s); got != want {
			t.Errorf("%s: got %s, want %s", verb, got, want)
		}
	}
	if got := s.String(); got != abc {
		t.Errorf("got %s, want %s", got, abc)
	}
	if got, err := Parse(abc); err != nil || got != s {
		t.Errorf("got %s and %v", got, err)
	}
}

func TestWords(t *testing.T) {
	list := Of([]byte("abc")).Words()
	if len(list) != 32 || list[0] != "shadow" || list[1] != "indigo" || list[31] != "perceptive" {
		t.Errorf("got %q", list)
	}
	if got := Of([]byte("abc")).WordText(); got != strings.Join(list, " ") {
		t.Errorf("got %q, want %q", got, list)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":        "",
		"a digit less":   abc[1:],
		"a digit more":   abc + "0",
		"upper case":     strings.ToUpper(abc),
		"one upper case": "B" + abc[1:],
		"no digit":       "g" + abc[1:],
		"a prefix":       "0x" + abc[2:],
		"a space":        " " + abc[1:],
		"a line break":   abc[1:] + "\n",
		"SHA-512":        abc + abc,
	} {
		s := Of(nil)
		if _, err := Parse(text); err == nil || err.Error() != "want 64 lower-case hexadecimal digits" {
			t.Errorf("%s: got %v", name, err)
		}
		if err := s.UnmarshalText([]byte(text)); err == nil || s != Of(nil) {
			t.Errorf("%s: got %v and %s", name, err, s)
		}
	}
}

// inFile is a hash as files hold it, and one that is not there.
type inFile struct {
	SHA256 SHA256            `yaml:"sha256" json:"sha256"`
	None   SHA256            `yaml:"none,omitempty" json:"none,omitzero"`
	By     map[string]SHA256 `yaml:"by" json:"by"`
}

// TestFiles writes hashes that YAML takes for numbers, if they are not quoted.
func TestFiles(t *testing.T) {
	for _, text := range []string{abc, strings.Repeat("0", 64), strings.Repeat("1", 64), "1e" + strings.Repeat("5", 62), "0" + strings.Repeat("7", 63)} {
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		in := inFile{SHA256: s, By: map[string]SHA256{"a": s}}
		var fromYAML, fromJSON, loose inFile
		asYAML, err := strict.Encode(in)
		if err != nil || strings.Contains(string(asYAML), "none") {
			t.Errorf("got %s and %v", asYAML, err)
		}
		if err := strict.Decode("x.yaml", asYAML, &fromYAML); err != nil || fromYAML.SHA256 != s || fromYAML.By["a"] != s {
			t.Errorf("got %v and %v from %s", fromYAML, err, asYAML)
		}
		if err := yaml.Unmarshal(asYAML, &loose); err != nil || loose.SHA256 != s {
			t.Errorf("got %v and %v from %s", loose, err, asYAML)
		}
		asJSON, err := strict.JSON(in)
		if want := fmt.Sprintf(`{"sha256":"%s","by":{"a":"%s"}}`, text, text); err != nil || string(asJSON) != want {
			t.Errorf("got %s and %v, want %s", asJSON, err, want)
		}
		if err := json.Unmarshal(asJSON, &fromJSON); err != nil || fromJSON.SHA256 != s {
			t.Errorf("got %v and %v from %s", fromJSON, err, asJSON)
		}
	}
}

func TestFilesRefuse(t *testing.T) {
	upper := strings.ToUpper(abc)
	var in inFile
	if err := strict.Decode("x.yaml", []byte("sha256: "+upper+"\nby: {}\n"), &in); err == nil || !strings.Contains(err.Error(), "x.yaml:1: sha256 is") {
		t.Errorf("got %v", err)
	}
	if err := json.Unmarshal([]byte(`{"sha256":"`+upper+`"}`), &in); err == nil {
		t.Error("read JSON in upper case")
	}
}
