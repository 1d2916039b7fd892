package roles

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func FuzzReadRootTUF(f *testing.F)        { fuzzRead(f, TUF, TypeRoot) }
func FuzzReadTargetsTUF(f *testing.F)     { fuzzRead(f, TUF, TypeTargets) }
func FuzzReadSnapshotTUF(f *testing.F)    { fuzzRead(f, TUF, TypeSnapshot) }
func FuzzReadTimestampTUF(f *testing.F)   { fuzzRead(f, TUF, TypeTimestamp) }
func FuzzReadRootOTACE(f *testing.F)      { fuzzRead(f, OTACE, TypeRoot) }
func FuzzReadTargetsOTACE(f *testing.F)   { fuzzRead(f, OTACE, TypeTargets) }
func FuzzReadSnapshotOTACE(f *testing.F)  { fuzzRead(f, OTACE, TypeSnapshot) }
func FuzzReadTimestampOTACE(f *testing.F) { fuzzRead(f, OTACE, TypeTimestamp) }

// fuzzRead demands of every file that is taken that it is JSON, that the bytes
// to verify are the canonical form of its signed part, although most files are
// verified as they stand, that it is published in its format's form, and that
// what is written of it reads as the same.
func fuzzRead(f *testing.F, format Format, kind Type) {
	for _, seed := range seeds(f, format, kind) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Read(format, kind, data)
		if err != nil {
			if file, err := Inspect(format, kind, data); err == nil && file.Problem == nil {
				t.Fatal("Read refuses it, and Inspect says nothing")
			}
			return
		}
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(data, &parts); err != nil {
			t.Fatalf("taken, but not JSON: %v", err)
		}
		canonical, err := format.Canonical(parts["signed"])
		if err != nil || !bytes.Equal(file.Signed, canonical) {
			t.Fatalf("verified bytes %q, canonical %q, %v", file.Signed, canonical, err)
		}
		if form, err := publishedForm(format, data); err != nil || !bytes.Equal(file.Published(), form) {
			t.Fatalf("published as %q, want %q, %v", file.Published(), form, err)
		}
		file.Objections()
		draft, err := Encode(format, file.Body)
		if err != nil {
			return // not within the profile to produce
		}
		written, err := draft.Seal(nil)
		if err != nil {
			return
		}
		again, err := Read(format, kind, written)
		if err != nil || !bytes.Equal(again.Signed, draft.Signed) {
			t.Fatalf("wrote %q, read as %q, %v", draft.Signed, again.Signed, err)
		}
		if same, err := SameContent(format, file.Body, again.Body); err != nil || !same {
			t.Fatalf("reads as other content than was written, %v", err)
		}
	})
}

// publishedForm is what Published has to be.
func publishedForm(f Format, data []byte) ([]byte, error) {
	if f == OTACE {
		return f.Canonical(data)
	}
	return data, nil
}

// seeds are a repository of every format and type, and the small ones of the
// golden files.
func seeds(f *testing.F, format Format, kind Type) (list [][]byte) {
	r := newRepo(f, format)
	r.delegate("targets", "firmware", 7, true, "fw/*")
	r.publish()
	list = append(list, r.files[format.MetadataPath(string(kind), 1)], []byte(binsSeed))
	pattern := map[Format]string{TUF: "tuf/*/metadata/*.json", OTACE: "ota-ce/ok/*/*.json"}[format]
	files, err := filepath.Glob(vectors + pattern)
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden files: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if typeOfFile(name) == kind && len(data) < 4096 {
			list = append(list, data)
		}
	}
	return list
}

const binsSeed = `{"signatures":[],"signed":{"_type":"targets","delegations":{"keys":{},"succinct_roles":{"bit_length":3,"keyids":["00"],"name_prefix":"bin","threshold":1}},"expires":"2030-01-01T00:00:00Z","spec_version":"1.0.0","targets":{},"version":1}}`

// FuzzDetect demands that no file is told to be of another format or type than the
// one that reads it.
func FuzzDetect(f *testing.F) {
	for _, format := range Formats {
		for _, kind := range TopLevel {
			for _, seed := range seeds(f, format, kind) {
				f.Add(seed)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found, foundType, detectErr := Detect(data)
		for _, format := range Formats {
			for _, kind := range TopLevel {
				_, err := Read(format, kind, data)
				if err == nil && detectErr == nil && (found != format || foundType != kind) {
					t.Fatalf("told to be %s %s, and reads as %s %s", found.Name(), foundType, format.Name(), kind)
				}
			}
		}
	})
}

// FuzzCanonical demands of both forms that they say what the text says, and
// that the form of a form is that form.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"b":[1,-2,true,false,null],"a":{"é":"\n\u0007\"\\/"}}`, `"\ud83d\ude00"`, `{"":0,"A":"","a":[[],{}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		// What a tuf file holds stands for OLPC here: that is not always JSON.
		// Package interop/canonical compares OLPC with another encoder.
		for _, form := range []form{appendJSON, appendOTA} {
			canonical, err := appendForm(nil, text, form)
			if err != nil {
				return
			}
			if again, err := appendForm(nil, canonical, form); err != nil || !bytes.Equal(again, canonical) {
				t.Fatalf("%q becomes %q, %v", canonical, again, err)
			}
			if got, want := decoded(t, canonical), decoded(t, text); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q says %v, want %v", canonical, got, want)
			}
		}
	})
}

// decoded is what encoding/json reads, with integers as they stand.
func decoded(t *testing.T, text []byte) (value any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("taken, but not JSON: %q: %v", text, err)
	}
	return value
}

// FuzzMatcher finds what trying every pattern finds.
func FuzzMatcher(f *testing.F) {
	f.Add("a/*\na/b*\n*\n[ab]?", "a/b")
	f.Fuzz(func(t *testing.T, patterns, path string) {
		var roles []DelegatedRole
		for pattern := range strings.SplitSeq(patterns, "\n") {
			roles = append(roles, DelegatedRole{Paths: []string{pattern}})
		}
		for _, format := range Formats {
			var want []int
			for i := range roles {
				if roles[i].Covers(format, path) {
					want = append(want, i)
				}
			}
			if got, _ := NewMatcher(format, roles).Covering(path); !slices.Equal(got, want) {
				t.Fatalf("%s: covered by %v, want %v", format.Name(), got, want)
			}
		}
	})
}

// FuzzFacts reads custom data, which people and other programs write.
func FuzzFacts(f *testing.F) {
	f.Add([]byte(`{"hardwareIds":["a"],"releaseCounter":3,"ecuIdentifiers":{"E1":{"hardwareId":"a"}}}`))
	f.Fuzz(func(t *testing.T, custom []byte) {
		facts, err := (&Image{Custom: custom}).Facts()
		if err == nil && facts.Counter < -1 {
			t.Fatalf("release counter %d", facts.Counter)
		}
	})
}

// FuzzParsePEM demands that a key that is taken comes back as it was.
func FuzzParsePEM(f *testing.F) {
	var keys []struct {
		PEM string `json:"spki_pem"`
	}
	if err := json.Unmarshal(readVector(f, "keyids.json"), &keys); err != nil {
		f.Fatal(err)
	}
	for _, k := range keys {
		f.Add([]byte(k.PEM))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		public, err := ParsePEM(text)
		if err != nil {
			return
		}
		k, err := usable(public, "")
		if err != nil {
			return
		}
		written, err := MarshalPEM(k.Public)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParsePEM([]byte(written)); err != nil || !reflect.DeepEqual(again, public) {
			t.Fatalf("got %v, %v, want %v", again, err, public)
		}
	})
}
