package roles

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const vectors = "testdata/vectors/"

func readVector(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(vectors + path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// typeOfFile tells the type of a metadata file from its name.
func typeOfFile(path string) Type {
	name := filepath.Base(path)
	for _, t := range TopLevel {
		if name == string(t)+".json" || strings.HasSuffix(name, "."+string(t)+".json") {
			return t
		}
	}
	return TypeTargets
}

// TestCanonicalVectors compares both canonical forms with the bytes that
// aktualizr and securesystemslib make.
func TestCanonicalVectors(t *testing.T) {
	for file, f := range map[string]Format{"olpc.json": TUF, "ota-ce.json": OTACE} {
		var cases []struct {
			Name, Input, Canonical string
			Edge                   bool
		}
		if err := json.Unmarshal(readVector(t, "canonical/"+file), &cases); err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, c := range cases {
			got, err := f.Canonical([]byte(c.Input))
			// Text that is not in normal form C is refused on purpose (issue 3).
			if c.Edge || c.Name == "nfd-not-normalised" {
				if err == nil {
					t.Errorf("%s %s: %q is taken; want it refused", file, c.Name, c.Input)
				}
				continue
			}
			compared++
			if err != nil || string(got) != c.Canonical {
				t.Errorf("%s %s:\n got %q, %v\nwant %q", file, c.Name, got, err, c.Canonical)
			}
			again, err := f.Canonical(got)
			if f == OTACE && (err != nil || !bytes.Equal(again, got)) {
				t.Errorf("%s %s: not stable: %q, %v", file, c.Name, again, err)
			}
		}
		if compared != 42 {
			t.Errorf("%s: compared %d cases, want 42", file, compared)
		}
	}
}

// TestKeyIDVectors makes the records and key ids of published keys.
func TestKeyIDVectors(t *testing.T) {
	type record struct {
		KeyID     string
		Canonical string
	}
	var keys []struct {
		Name  string
		PEM   string `json:"spki_pem"`
		TUF   record
		OTACE *record `json:"ota_ce"`
	}
	if err := json.Unmarshal(readVector(t, "keyids.json"), &keys); err != nil {
		t.Fatal(err)
	}
	if len(keys) != 6 {
		t.Fatalf("%d keys, want 6", len(keys))
	}
	for _, c := range keys {
		public, err := ParsePEM([]byte(c.PEM))
		if err != nil {
			t.Fatal(err)
		}
		k, err := NewKey(TUF, public)
		if err != nil || string(k.ID) != c.TUF.KeyID {
			t.Errorf("%s tuf: key id %s, %v; want %s", c.Name, k.ID, err, c.TUF.KeyID)
		}
		if canonical, err := TUF.Canonical(k.record); err != nil || string(canonical) != c.TUF.Canonical {
			t.Errorf("%s tuf: record %s, %v; want %s", c.Name, canonical, err, c.TUF.Canonical)
		}
		k, err = NewKey(OTACE, public)
		if _, ec := public.(*ecdsa.PublicKey); ec {
			if err == nil {
				t.Errorf("%s ota-ce: taken; want ECDSA refused", c.Name)
			}
			continue
		}
		if err != nil || string(k.ID) != c.OTACE.KeyID {
			t.Errorf("%s ota-ce: key id %s, %v; want %s", c.Name, k.ID, err, c.OTACE.KeyID)
		}
	}
}

// TestReadEncodeVectors reads every golden file that is in the profile to
// produce and writes it again: the signed bytes must come out the same.
func TestReadEncodeVectors(t *testing.T) {
	files, _ := filepath.Glob(vectors + "ota-ce/accept/wire-profile/*/*.json")
	more, _ := filepath.Glob(vectors + "tuf/*/metadata/*.json")
	sigstore, _ := filepath.Glob(vectors + "sigstore/*.json")
	files = append(append(files, more...), sigstore...)
	if len(files) < 40 {
		t.Fatalf("only %d files", len(files))
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := DetectFormat(data)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Read(f, typeOfFile(path), data)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		d, err := Encode(f, file.Body)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if want := profile(file); f == OTACE && !bytes.Equal(d.Signed, want) {
			t.Errorf("%s: encoded again:\n got %s\nwant %s", path, d.Signed, want)
		}
	}
}

// profile is the signed part as the profile to produce has it: the golden
// targets files list sha512, which the repo server does not take.
func profile(file *File) []byte {
	if file.Body.Type() != TypeTargets {
		return file.Signed
	}
	return regexp.MustCompile(`,"sha512":"[0-9a-f]{128}"`).ReplaceAll(file.Signed, nil)
}
