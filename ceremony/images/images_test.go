package images

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/ceremony/strict"
)

var (
	digest256 = strings.Repeat("ab", 32)
	digest512 = strings.Repeat("cd", 64)
)

// imagesYAML is an images.yaml with those paths.
func imagesYAML(paths ...string) string {
	var b strings.Builder
	b.WriteString("version: 1\nimages:\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "  - path: %q\n    length: 10\n    sha256: %s\n    sha512: %s\n", path, digest256, digest512)
	}
	return b.String()
}

func TestParseImages(t *testing.T) {
	data := "# what is released\nversion: 1\nimages:\n" +
		"  # the brakes\n  - {path: b/2.bin, length: 0, sha256: " + digest256 + "}\n" +
		"  - path: a/1.bin\n    length: 12\n    sha256: " + digest256 + "\n    sha512: " + digest512 + "\n" +
		"    custom: {releaseCounter: 3, hardwareIds: [ecu-1, \"2\"], nested: {b: true, a: \"<é>\"}}\n"
	images, err := Parse("images.yaml", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if len(images.Images) != 2 {
		t.Fatalf("got %d images", len(images.Images))
	}
	one, two := images.Images[0], images.Images[1]
	if one.Path != "a/1.bin" || one.Length != 12 || fmt.Sprintf("%x", one.SHA256) != digest256 || fmt.Sprintf("%x", *one.SHA512) != digest512 {
		t.Errorf("got %+v", one)
	}
	if got, want := string(one.Custom), `{"hardwareIds":["ecu-1","2"],"nested":{"a":"<é>","b":true},"releaseCounter":3}`; got != want {
		t.Errorf("custom: got %s, want %s", got, want)
	}
	if two.Path != "b/2.bin" || two.SHA512 != nil || two.Custom != nil {
		t.Errorf("got %+v", two)
	}
	listed := one.Roles()
	if *listed.Hashes.SHA256 != one.SHA256 || *listed.Hashes.SHA512 != *one.SHA512 || string(listed.Custom) != string(one.Custom) {
		t.Errorf("as metadata: got %+v", listed)
	}
	if two.Roles().Hashes.SHA512 != nil {
		t.Error("a hash that is not listed became one of zeros")
	}
}

func TestParseImagesWithoutAny(t *testing.T) {
	for _, data := range []string{"version: 1\nimages: []\n", "images: []\nversion: 1"} {
		if images, err := Parse("images.yaml", []byte(data)); err != nil || len(images.Images) != 0 {
			t.Errorf("%q: got %v and %v", data, images, err)
		}
	}
}

func TestParseImagesRefuses(t *testing.T) {
	good := imagesYAML("a", "b")
	entry := imagesYAML("c")[len(imagesYAML()):]
	for _, test := range []struct{ name, data, want string }{
		{"version", strings.Replace(good, "version: 1", "version: 2", 1), "images.yaml:1: version is 2, want 1"},
		{"unknown field", strings.Replace(good, "length: 10", "size: 10", 1), "images.yaml:4: images[0].size is not a field; want one of custom, length, path, sha256, sha512"},
		{"problem in the second", strings.Replace(good+"x", "length: 10\n    sha256: "+digest256+"\n    sha512: "+digest512+"\nx", "length: ten\n", 1), "images.yaml:8: images[1].length is \"ten\""},
		{"no list", "version: 1\n", "images.yaml:1: images is missing"},
		{"empty list", "version: 1\nimages:\n", "images.yaml:2: images is empty"},
		{"list in a line", "version: 1\nimages: [{path: a}]\n", "images.yaml:2: images[0].path is not a field"},
		{"field after the list", good + "note: x\n", "images.yaml:3: want one YAML document"},
		{"unknown field above", "note: x\n" + good, "images.yaml:1: note is not a field"},
		{"entry further in", good + " " + entry, "does not fit the lines above it: it is indented by 3, the line above by 4"},
		{"entry further out", good + strings.TrimPrefix(entry, "  "), "want one YAML document"},
		{"text over two entries", strings.Replace(good, `path: "a"`, `path: "a`, 1), "which may lack a colon or a quote"},
		{"second document", good + "---\n" + good, "want one YAML document"},
		{"path", imagesYAML("../a"), `images.yaml:3: images[0].path is "../a": path has a part that begins with a dot`},
		{"path twice", imagesYAML("a", "b", "a"), `images.yaml: path "a" is there twice`},
		{"path in another case", imagesYAML("fw/A", "fw/b", "fw/a"), `images.yaml: paths "fw/A" and "fw/a" differ in case only`},
		{"path of a device", imagesYAML("fw/con.bin"), `images[0].path is "fw/con.bin": path has a part that is the name of a device`},
		{"no image in a large file", strings.Repeat("# nothing\n", 200_000), "images.yaml: no image in the first 1048576 bytes"},
		{"negative length", strings.Replace(good, "length: 10", "length: -1", 1), "images[0].length is -1, want at least 0"},
		{"short hash", strings.Replace(good, digest256, digest256[2:], 1), "images[0].sha256 is"},
		{"upper-case hash", strings.Replace(good, digest512, strings.ToUpper(digest512), 1), "images[0].sha512 is"},
		{"anchor", strings.Replace(good, "length: 10", "length: &a 10", 1), "uses an anchor"},
		{"alias over entries", good + "  - *a\n", "not YAML: unknown anchor"},
		{"not UTF-8", good + "#\xff", "images.yaml:11: invalid UTF-8"},
		{"hidden character", good + "# \u202e\n", "images.yaml:11: has the character U+202E"},
		{"two entries with problems", strings.ReplaceAll(good, "length: 10", "length: ten"), "images.yaml:4: images[0].length is"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("images.yaml", []byte(test.data))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("got code %d, want %d", fault.CodeOf(err), fault.Usage)
			}
		})
	}
}

// TestParseImagesRefusesLateParts has its problem where another worker reads.
func TestParseImagesRefusesLateParts(t *testing.T) {
	var b bytes.Buffer
	if err := manyImages(5 * partBytes / bytesPerImage).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, old, new, want string }{
		{"length", "    length: 2000\n", "    length: 0x7d0\n", `: images[2000].length is "0x7d0", want a whole number`},
		{"two problems", "    length: 300", "    length: 0300", `: images[300].length is "0300", want a whole number`},
		{"character", "dir/0002000.bin", "dir/00\u200b02000.bin", ": has the character U+200B"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := strings.ReplaceAll(b.String(), test.old, test.new)
			line := 1 + strings.Count(data[:strings.Index(data, test.new)], "\n")
			_, err := Parse("images.yaml", []byte(data))
			if want := fmt.Sprintf("images.yaml:%d%s", line, test.want); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}

// TestParseImagesRefusesSizes holds that what is too large is refused before it
// is read, with its own limit, and not repeated.
func TestParseImagesRefusesSizes(t *testing.T) {
	much, entry := strings.Repeat("x", maxEntry), strings.TrimPrefix(imagesYAML("a"), imagesYAML())
	zeros := make([]byte, MaxImagesYAML+1) // not touched: no memory
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"file", zeros, "images.yaml is 536870913 bytes, want at most 536870912"},
		{"zeros", zeros[1:], "images.yaml: no image in the first 1048576 bytes, want `images:`"},
		{"head", []byte("# " + much + "\n" + imagesYAML("a")), "images.yaml: no image in the first 1048576 bytes"},
		{"list in a line", []byte("version: 1\nimages: [" + strings.Repeat(`{"path": "a"},`, 100_000) + "]\n"), "images.yaml: no image in the first"},
		{"path", []byte(imagesYAML("b", much)), "images.yaml:7: images[1] is 1048822 bytes, want at most 1048576"},
		{"custom", []byte(imagesYAML("b", "a") + "    custom: {\"a\":\"" + much + "\"}\n" + entry), "images.yaml:7: images[1] is 1048844 bytes"},
		{"custom, not the last part", []byte(imagesYAML("b", "a") + "    custom: {\"a\":\"" + much + "\"}\n" + strings.Repeat(entry, 2)), "images.yaml:7: images[1] is 1048844 bytes"},
		{"path below the limit", []byte(imagesYAML("b", much[300:])), "images.yaml:7: images[1].path is \"xxx"},
		{"hash", []byte(strings.Replace(imagesYAML("a"), digest256, much[300:], 1)), "images.yaml:5: images[0].sha256 is \"xxx"},
		{"field too long for YAML", []byte(strings.Replace(imagesYAML("a"), "length", much[300:], 1)), "not YAML"},
		{"anchor", []byte(strings.Replace(imagesYAML("a"), digest256, "*"+much[300:], 1)), "not YAML: unknown anchor 'xxx"},
		{"custom name", []byte(imagesYAML("a") + "    custom: {? " + much[300:] + " : 1.5}\n"), `has "1.5"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("images.yaml", test.data)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %.4000v, want %q", err, test.want)
			}
			if len(err.Error()) > 5000 {
				t.Errorf("the error is %d bytes", len(err.Error()))
			}
		})
	}
}

func TestCustomRefuses(t *testing.T) {
	for _, test := range []struct{ name, custom, want string }{
		{"float", "{a: 1.5}", "images.yaml:7: images[0].custom has \"1.5\", want text in quotes, a whole number, true or false"},
		{"exponent", "{a: 1e3}", "has \"1e3\""},
		{"octal", "{a: 010}", "has \"010\""},
		{"too large", "{a: 9007199254740992}", "has \"9007199254740992\""},
		{"null", "{a: null}", "has \"null\""},
		{"nothing", "{a: }", "has \"\""},
		{"a date", "{a: 2026-11-23}", "has \"2026-11-23\""},
		{"True", "{a: True}", "has \"True\""},
		{"not a number", "{a: .nan}", "has \".nan\""},
		{"list", "[1]", "want at least one field"},
		{"text", "x", "want at least one field"},
		{"empty", "{}", "want at least one field"},
		{"name twice", "{a: {b: 1, b: 2}}", "has \"b\" twice"},
		{"name that is a number", "{1: a}", "is not text"},
		{"anchor", "{a: &x 1}", "has an anchor, alias or tag"},
		{"alias", "{a: &x [1], b: *x}", "has an anchor, alias or tag"},
		{"anchor on a name", "{&x a: 1}", "is not text"},
		{"tag", "{a: !!str 1}", "has an anchor, alias or tag"},
		{"hidden character", `{a: "\u202e"}`, "has the character U+202E"},
		{"too deep", strings.Repeat("{a: ", 20) + "1" + strings.Repeat("}", 20), "is nested more than 16 deep"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("images.yaml", []byte(imagesYAML("a")+"    custom: "+test.custom+"\n"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// manyImages is a list in which the parts that are read in parallel end at
// every kind of place.
func manyImages(n int) *List {
	images := &List{Images: make([]Image, n)}
	for i := range images.Images {
		images.Images[i] = Image{Path: fmt.Sprintf("dir/%07d.bin", i), Length: int64(i), SHA512: new(Sha512Hex)}
		if i%3 == 0 {
			images.Images[i].Custom = Custom(fmt.Sprintf(`{"hardwareIds":["ecu"],"releaseCounter":%d}`, i))
		}
	}
	return images
}

func TestImagesRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000, 5 * partBytes / bytesPerImage} {
		var first, second bytes.Buffer
		images := manyImages(n)
		if err := images.Write(&first); err != nil {
			t.Fatal(err)
		}
		again, err := Parse("images.yaml", first.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Write(&second); err != nil {
			t.Fatal(err)
		}
		if len(again.Images) != n || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%d images: got %d, or other bytes", n, len(again.Images))
		}
	}
}

func TestMerge(t *testing.T) {
	old, err := Parse("images.yaml", []byte(imagesYAML("a", "b")+"    custom: {x: 1}\n"+strings.TrimPrefix(imagesYAML("gone"), imagesYAML())))
	if err != nil {
		t.Fatal(err)
	}
	images := &List{Images: []Image{{Path: "b", Length: 99}, {Path: "c"}}}
	gone := images.Merge(old)
	if len(gone) != 2 || gone[0] != "a" || gone[1] != "gone" {
		t.Errorf("gone: got %q", gone)
	}
	if b := images.Images[0]; string(b.Custom) != `{"x":1}` || b.Length != 99 {
		t.Errorf("got %+v", b)
	}
	if c := images.Images[1]; c.Custom != nil {
		t.Errorf("got %+v", c)
	}
}

func BenchmarkParseImages(b *testing.B) {
	var data bytes.Buffer
	if err := manyImages(100_000).Write(&data); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(data.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("images.yaml", data.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzImages holds that what is accepted survives being written and read again,
// and that reading in parts is reading the whole.
func FuzzImages(f *testing.F) {
	f.Add([]byte(imagesYAML("a", "b") + "    custom: {a: [1, x, {b: true}]}\n"))
	f.Add([]byte("images: []\nversion: 1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		images, err := Parse("images.yaml", data)
		if err != nil {
			return
		}
		var whole struct {
			Version int     `yaml:"version"`
			Images  []Image `yaml:"images"`
		}
		if err := strict.Decode("images.yaml", data, &whole); err != nil || len(whole.Images) != len(images.Images) {
			t.Errorf("in parts %d images, as a whole %d and %v", len(images.Images), len(whole.Images), err)
		}
		var once, twice bytes.Buffer
		if err := images.Write(&once); err != nil {
			t.Fatal(err)
		}
		again, err := Parse("images.yaml", once.Bytes())
		if err != nil {
			t.Fatalf("%v in %s", err, once.Bytes())
		}
		if err := again.Write(&twice); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("got %s\nwant %s", twice.Bytes(), once.Bytes())
		}
	})
}
