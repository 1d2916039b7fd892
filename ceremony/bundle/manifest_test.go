package bundle

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

const (
	hashA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
	hashB = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
	fileA = `{"path":"targets/a","length":1,"sha256":"` + hashA + `"}`
	fileB = `{"path":"targets/b","length":1,"sha256":"` + hashB + `"}`
)

func manifestText(files ...string) string {
	return fmt.Sprintf(`{"version":1,"repository":"image","format":"tuf","files":[%s]}`+"\n", strings.Join(files, ","))
}

func encoded(t *testing.T, m *manifest) string {
	t.Helper()
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParseManifest(t *testing.T) {
	m, err := parseManifest(manifestText(fileA, fileB))
	if err != nil {
		t.Fatal(err)
	}
	if m.Repository != "image" || m.Format != "tuf" || len(m.Files) != 2 || m.Files[1].Path != "targets/b" {
		t.Errorf("got %+v", m)
	}
	quoted := &manifest{1, Head{Repository: "image", Format: "ota-ce"}, []manifestFile{{Path: `targets/"a"<&>`, Length: maxLength}}}
	if m, err := parseManifest(encoded(t, quoted)); err != nil || m.Files[0] != quoted.Files[0] {
		t.Errorf("got %v, %v", m, err)
	}
	if _, err := parseManifest(manifestText()); err != nil {
		t.Errorf("no files: %v", err)
	}
}

func TestParseManifestRefuses(t *testing.T) {
	replace := func(old, new string) string {
		return strings.Replace(manifestText(fileA, fileB), old, new, 1)
	}
	const spelling = "is not spelled as keyrite spells it"
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", spelling + ", at byte 0"},
		{"no JSON", "manifest", spelling},
		{"more after it", replace("\n", "\n{}"), spelling + ", at byte 276"},
		{"white space", replace(":1", ": 1"), spelling},
		{"no new line", replace("\n", ""), spelling},
		{"unknown field", replace(`{"version"`, `{"extra":1,"version"`), spelling},
		{"repeated field", replace(`{"version":1`, `{"version":1,"version":1`), spelling},
		{"other case", replace(`"version"`, `"Version"`), spelling},
		{"upper-case hash", replace(hashA, strings.ToUpper(hashA)), spelling},
		{"escaped path", replace("targets/a", `targets/\u0061`), spelling},
		{"empty same-as", replace(hashA+`"`, hashA+`","same-as":""`), spelling},
		{"no list of files", replace(`[`+fileA+`,`+fileB+`]`, "null"), spelling},
		{"empty file", manifestText("{}", "{}"), spelling},
		{"version", replace(":1", ":2"), "version is 2, want 1"},
		{"repository", replace(`"image"`, `"../image"`), `repository is "../image"`},
		{"format", replace(`"tuf"`, `"zip"`), `format is "zip"`},
		{"comma at the end", manifestText(fileA, fileB+","), spelling},
		{"cut off in a file", manifestText(fileA)[:150], spelling},
		{"text in backquotes", replace(`"targets/a"`, "`targets/a`"), spelling},
		{"leading zero", replace(`"length":1`, `"length":01`), spelling},
		{"length too large", replace(`"length":1`, `"length":274877906945`), "targets/a: length is 274877906945, want 0 to 274877906944"},
		{"file and folder, not adjacent", manifestText(fileA, strings.Replace(fileB, "targets/b", "targets/a-b", 1), strings.Replace(fileB, "targets/b", "targets/a/b", 1)), "targets/a is a file and, for targets/a/b, also a folder"},
		{"short hash", replace(hashA, "00"), spelling},
		{"no hash", replace(hashA, strings.Repeat("x", 64)), spelling},
		{"names that differ in case", manifestText(strings.Replace(fileA, "/a", "/A", 1), fileA), `"targets/A" and "targets/a" differ in case only`},
		{"a device of Windows", replace("targets/a", "targets/aux.bin"), `"targets/aux.bin": path has a part that is the name of a device`},
		{"a dot at the end", replace("targets/a", "targets/a./b"), "ends with a dot"},
		{"negative length", replace(`"length":1`, `"length":-1`), "targets/a: length is -1"},
		{"fractional length", replace(`"length":1`, `"length":1.5`), spelling},
		{"order", manifestText(fileB, fileA), "targets/a is out of order"},
		{"twice", manifestText(fileA, fileA), "targets/a is listed twice"},
		{"file and folder", replace("targets/b", "targets/a/b"), "targets/a is a file and, for targets/a/b, also a folder"},
		{"same as another content", replace(hashB+`"`, hashB+`","same-as":"targets/a"`), `targets/b: same-as is "targets/a"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseManifest(test.text)
			if fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A manifest is JSON, as other programs read it.
func TestManifestIsJSON(t *testing.T) {
	m := newManifest(Head{Repository: "image", Format: "tuf"}, bundleFiles())
	m.Files = append(m.Files, manifestFile{Path: `targets/"q"<&>`})
	var got struct {
		Version int
		Files   []struct {
			Path, SHA256 string
			Length       int64
			SameAs       string `json:"same-as"`
		}
	}
	if err := json.Unmarshal([]byte(encoded(t, m)), &got); err != nil || len(got.Files) != len(m.Files) {
		t.Fatalf("got %+v, %v", got, err)
	}
	for i, file := range m.Files {
		if f := got.Files[i]; f.Path != file.Path || f.Length != file.Length || f.SameAs != file.SameAs || f.SHA256 != fmt.Sprintf("%x", file.SHA256) {
			t.Errorf("got %+v, want %+v", f, file)
		}
	}
}

// The header that is made by hand is the one that the tar package makes.
func TestPlainHeader(t *testing.T) {
	paths := []string{"", "targets/a", longPath}
	for dir := range 170 {
		for _, name := range []int{1, plainName - 1, plainName, plainName + 1} {
			paths = append(paths, strings.Repeat("d", dir)+"/"+strings.Repeat("a", name), strings.Repeat("d", dir)+"/e/"+strings.Repeat("a", name))
		}
	}
	for _, path := range paths {
		for _, length := range []int64{0, 1, 511, 1 << 20, plainLength - 1, plainLength, maxLength} {
			got, err := encodeHeader(path, length)
			if err != nil {
				t.Fatal(err)
			}
			var want bytes.Buffer
			if err := tar.NewWriter(&want).WriteHeader(bundleHeader(path, length)); err != nil {
				t.Fatal(err)
			}
			if n, err := headerLength(path, length); err != nil || n != int64(want.Len()) || !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%s, %d bytes: got %q, want %q; length %d, %v", path, length, got, want.Bytes(), n, err)
			}
		}
	}
}

func TestCheckBundlePath(t *testing.T) {
	long := strings.Repeat("x", 255)
	for _, p := range []string{"metadata/1.a%2Fb.json", "metadata/1.root.json", "targets/a b/c", "targets/" + long, longPath} {
		if err := checkBundlePath(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	for _, p := range []string{
		"", "a", "metadata", "metadata/", "/metadata/a", "../metadata/a", "metadata/../a", "metadata/./a", "metadata//a",
		"metadata/a/", "metadata/.a", `targets/a\b`, "targets/a\x00", "targets/ä", "targets/C:a",
		"targets/a%2Fb", "metadata/a%2fb", "metadata/a%b",
		"targets/" + long + "x", "targets/" + strings.Repeat(long+"/", 5) + "a",
	} {
		if checkBundlePath(p) == nil {
			t.Errorf("%q is accepted", p)
		}
	}
}
