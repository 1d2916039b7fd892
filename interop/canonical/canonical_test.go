// Package canonical compares keyrite's OLPC canonical JSON with that of
// go-securesystemslib, which go-tuf signs with: the independent oracle.
package canonical

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/cjson"

	"github.com/uptane/keyrite/roles"
)

// FuzzTUF feeds both encoders the same JSON text. What keyrite refuses
// (duplicate names, floats, text not in normal form C, …) the oracle may take;
// what keyrite takes, the oracle has to encode to the same bytes.
func FuzzTUF(f *testing.F) {
	for _, seed := range vectors(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) { compare(t, text) })
}

// TestVectors makes sure that the comparison compares: 41 of the 43 golden
// inputs are taken by both.
func TestVectors(t *testing.T) {
	compared := 0
	for _, text := range vectors(t) {
		if compare(t, []byte(text)) {
			compared++
		}
	}
	if compared != 41 {
		t.Errorf("compared %d inputs, want 41", compared)
	}
}

// compare says whether both encoders took the text, and fails when they differ.
func compare(t *testing.T, text []byte) bool {
	got, err := roles.TUF.Canonical(text)
	if err != nil {
		return false
	}
	want, err := oracle(text)
	if err != nil && strings.Contains(err.Error(), "floating point number") {
		return false // what it calls so: an integer beyond 64 bits, which clients in Python sign
	}
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%q:\n got %q\nwant %q, %v", text, got, want, err)
	}
	return true
}

// oracle encodes a JSON text, with integers as they stand.
func oracle(text []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return cjson.EncodeCanonical(value)
}

// vectors are the inputs of the golden test vectors.
func vectors(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash("../../roles/testdata/vectors/canonical/olpc.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Input string }
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	var inputs []string
	for _, c := range cases {
		inputs = append(inputs, c.Input)
	}
	return inputs
}
