package images

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// asYAML reads entries as YAML does, without the shortcut.
func asYAML(entries []byte) ([]Image, error) {
	return imagesPart{file: "images.yaml", before: []byte("version: 1\nimages:\n"), dash: []byte("\n  - "), data: entries}.decode()
}

// entryOf is an entry as Write spells it, with that custom object.
func entryOf(custom string) string {
	return strings.TrimPrefix(imagesYAML("a"), imagesYAML()) + "    custom: " + custom + "\n"
}

// TestReadWritten tells which spellings are read without YAML's reader, which
// must read them alike.
func TestReadWritten(t *testing.T) {
	one := strings.TrimPrefix(imagesYAML("a"), imagesYAML())
	for _, test := range []struct {
		name, data string
		want       bool
	}{
		{"nothing", "", true},
		{"one", one, true},
		{"two", one + one, true},
		{"without sha512", strings.Replace(one, "    sha512: "+digest512+"\n", "", 1), true},
		{"longest length", strings.Replace(one, ": 10", ": 9223372036854775807", 1), true},
		{"custom", entryOf(`{"hardwareIds":["ecu","<\"\\é\">"],"releaseCounter":7}`), true},
		{"custom of all kinds", entryOf(`{"a":{},"b":[],"c":[true,false,-1,"x y"],"d":{"e":0,"f":"","":1}}`), false}, // names do not ascend
		{"custom, ascending", entryOf(`{"":1,"a":{},"b":[],"c":[true,false,-1,"x y # : {"],"d":{"e":0,"f":""}}`), true},
		{"largest number", entryOf(`{"a":[-9007199254740991,9007199254740991]}`), true},
		{"16 deep", entryOf(strings.Repeat(`{"a":`, 15) + "1" + strings.Repeat("}", 15)), true},

		{"17 deep", entryOf(strings.Repeat(`{"a":`, 16) + "1" + strings.Repeat("}", 16)), false},
		{"custom twice", entryOf(`{"a":1}`) + "    custom: {\"a\":1}\n", false},
		{"custom with a space", entryOf(`{"a": 1}`), false},
		{"custom empty", entryOf(`{}`), false},
		{"custom missing", entryOf(""), false},
		{"custom a list", entryOf(`["a"]`), false},
		{"custom cut off", entryOf(`{"a":1`), false},
		{"custom and more", entryOf(`{"a":1}}`), false},
		{"custom with a comment", entryOf(`{"a":1} # x`), false},
		{"custom with a comma", entryOf(`{"a":1,}`), false},
		{"custom list with a comma", entryOf(`{"a":[1,]}`), false},
		{"name twice", entryOf(`{"a":1,"a":1}`), false},
		{"names descend", entryOf(`{"b":1,"a":1}`), false},
		{"name with an escape", entryOf(`{"\\":1}`), false},
		{"name too long for YAML", entryOf(`{"` + strings.Repeat("a", 1025) + `":1}`), false},
		{"name plain", entryOf(`{a:1}`), false},
		{"text plain", entryOf(`{"a":x}`), false},
		{"float", entryOf(`{"a":1.5}`), false},
		{"minus zero", entryOf(`{"a":-0}`), false},
		{"leading zero", entryOf(`{"a":01}`), false},
		{"too large", entryOf(`{"a":9007199254740992}`), false},
		{"too small", entryOf(`{"a":-9007199254740992}`), false},
		{"null", entryOf(`{"a":null}`), false},
		{"True", entryOf(`{"a":True}`), false},
		{"other escape", entryOf(`{"a":"\/"}`), false},
		{"escape at the end", entryOf(`{"a":"\`), false},
		{"tab", entryOf("{\"a\":\"\t\"}"), false},
		{"hidden character", entryOf("{\"a\":\"\u202e\"}"), false},
		{"no character", entryOf("{\"a\":\"\uffff\"}"), false},
		{"not UTF-8", entryOf("{\"a\":\"\xff\"}"), false},

		{"no line break at the end", strings.TrimSuffix(one, "\n"), false},
		{"carriage return", strings.ReplaceAll(one, "\n", "\r\n"), false},
		{"empty line", one + "\n", false},
		{"comment", one + "  # x\n", false},
		{"path plain", strings.Replace(one, `"a"`, `a`, 1), false},
		{"path with a quote", strings.Replace(one, `"a"`, `"a\"b"`, 1), false},
		{"path with a bare quote", strings.Replace(one, `"a"`, `"a"b"`, 1), false},
		{"path of a quote", strings.Replace(one, `"a"`, `"`, 1), false},
		{"path that no client takes", strings.Replace(one, `"a"`, `"../a"`, 1), false},
		{"negative length", strings.Replace(one, ": 10", ": -1", 1), false},
		{"length with a zero", strings.Replace(one, ": 10", ": 010", 1), false},
		{"length too large", strings.Replace(one, ": 10", ": 9223372036854775808", 1), false},
		{"length empty", strings.Replace(one, ": 10", ": ", 1), false},
		{"short hash", strings.Replace(one, digest256, digest256[2:], 1), false},
		{"upper-case hash", strings.Replace(one, digest256, strings.ToUpper(digest256), 1), false},
		{"short long hash", strings.Replace(one, digest512, digest512[2:], 1), false},
		{"unknown field", one + "    size: 10\n", false},
		{"no length", strings.Replace(one, "    length: 10\n", "", 1), false},
		{"further in", " " + one, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := readWritten([]byte(test.data))
			if ok != test.want {
				t.Errorf("read: %t, want %t", ok, test.want)
			}
			if ok && test.data != "" {
				wantAlike(t, []byte(test.data), got)
			}
		})
	}
}

// wantAlike wants YAML's reader to read the same.
func wantAlike(t *testing.T, data []byte, got []Image) {
	t.Helper()
	want, err := asYAML(data)
	if err != nil {
		t.Fatalf("YAML refuses %q: %v", data, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q:\ngot  %+v\nYAML %+v", data, got, want)
	}
}

func TestWrittenIsReadAtOnce(t *testing.T) {
	var b bytes.Buffer
	if err := manyImages(1000).Write(&b); err != nil {
		t.Fatal(err)
	}
	entries := b.Bytes()[bytes.Index(b.Bytes(), []byte("  - ")):]
	got, ok := readWritten(entries)
	if !ok {
		t.Fatal("declined")
	}
	wantAlike(t, entries, got)
}

// TestEditedPart is a list of many parts in which a person has touched one entry.
func TestEditedPart(t *testing.T) {
	var b bytes.Buffer
	if err := manyImages(5 * partBytes / bytesPerImage).Write(&b); err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(b.String(), `{"hardwareIds":["ecu"],"releaseCounter":3000}`, "{releaseCounter: 3000, hardwareIds: [ecu]} # by hand", 1)
	got, err := Parse("images.yaml", []byte(edited))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := got.Write(&again); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) || edited == b.String() {
		t.Errorf("%v, or other images", err)
	}
}

// FuzzReadWritten holds that whatever is read without YAML's reader is read
// alike by it: nothing gets in that YAML refuses.
func FuzzReadWritten(f *testing.F) {
	one := strings.TrimPrefix(imagesYAML("a"), imagesYAML())
	f.Add([]byte(one))
	f.Add([]byte(entryOf(`{"hardwareIds":["ecu","<\"\\é\">"],"releaseCounter":7}`) + one))
	f.Add([]byte(entryOf(`{"":1,"a":{},"b":[],"c":[true,false,-1,"x y # : {"],"d":{"e":0,"f":""}}`)))
	for _, text := range []string{"a b", "a:", "- a", "? ", "<<", "#", "é\u00a0", "\ufffd", "\u0085", "!!str", "&a", "*a", "%", "@", "'"} {
		f.Add([]byte(entryOf(fmt.Sprintf(`{"%s":["%s",{"%s":"%s"}]}`, text, text, text, text))))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, ok := readWritten(data); ok && len(data) > 0 {
			wantAlike(t, data, got)
		}
	})
}
