package bundle

import (
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

func TestParseManifest(t *testing.T) {
	m, err := parseManifest([]byte(manifestText(fileA, fileB)))
	if err != nil {
		t.Fatal(err)
	}
	if m.Repository != "image" || m.Format != "tuf" || len(m.Files) != 2 || m.Files[1].Path != "targets/b" {
		t.Errorf("got %+v", m)
	}
	if _, err := parseManifest([]byte(manifestText())); err != nil {
		t.Errorf("no files: %v", err)
	}
}

func TestParseManifestRefuses(t *testing.T) {
	replace := func(old, new string) string {
		return strings.Replace(manifestText(fileA, fileB), old, new, 1)
	}
	const spelling = "is not spelled as keyrite spells it"
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "unexpected end"},
		{"no JSON", "manifest", "invalid character"},
		{"more after it", replace("\n", "\n{}"), "invalid character"},
		{"white space", replace(":1", ": 1"), spelling},
		{"no new line", replace("\n", ""), spelling},
		{"unknown field", replace(`{"version"`, `{"extra":1,"version"`), spelling},
		{"repeated field", replace(`{"version":1`, `{"version":1,"version":1`), spelling},
		{"other case", replace(`"version"`, `"Version"`), spelling},
		{"upper-case hash", replace(hashA, strings.ToUpper(hashA)), spelling},
		{"escaped path", replace("targets/a", `targets/\u0061`), spelling},
		{"empty same-as", replace(hashA+`"`, hashA+`","same-as":""`), spelling},
		{"no list of files", replace(`[`+fileA+`,`+fileB+`]`, "null"), "files is not a list"},
		{"empty file", manifestText("{}", "{}"), `"": want a path below`},
		{"version", replace(":1", ":2"), "version is 2, want 1"},
		{"repository", replace(`"image"`, `"../image"`), `repository is "../image"`},
		{"format", replace(`"tuf"`, `"zip"`), `format is "zip"`},
		{"short hash", replace(hashA, "00"), "hash has 2 digits, want 64"},
		{"no hash", replace(hashA, strings.Repeat("x", 64)), "invalid byte"},
		{"names that differ in case", manifestText(strings.Replace(fileA, "/a", "/A", 1), fileA), `"targets/A" and "targets/a" differ in case only`},
		{"a device of Windows", replace("targets/a", "targets/aux.bin"), `"targets/aux.bin": path has a part that is the name of a device`},
		{"a dot at the end", replace("targets/a", "targets/a./b"), "ends with a dot"},
		{"negative length", replace(`"length":1`, `"length":-1`), "targets/a: length is -1"},
		{"fractional length", replace(`"length":1`, `"length":1.5`), "cannot unmarshal"},
		{"order", manifestText(fileB, fileA), "targets/a is out of order"},
		{"twice", manifestText(fileA, fileA), "targets/a is listed twice"},
		{"file and folder", replace("targets/b", "targets/a/b"), "targets/a is a file and, for targets/a/b, also a folder"},
		{"same as another content", replace(hashB+`"`, hashB+`","same-as":"targets/a"`), `targets/b: same-as is "targets/a"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseManifest([]byte(test.text))
			if fault.CodeOf(err) != fault.Unverified || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestCheckBundlePath(t *testing.T) {
	long := strings.Repeat("x", 255)
	for _, p := range []string{"metadata/1.root.json", "targets/a b/c", "targets/" + long, longPath} {
		if err := checkBundlePath(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	for _, p := range []string{
		"", "a", "metadata", "metadata/", "/metadata/a", "../metadata/a", "metadata/../a", "metadata/./a", "metadata//a",
		"metadata/a/", "metadata/.a", `targets/a\b`, "targets/a\x00", "targets/ä", "targets/C:a",
		"targets/" + long + "x", "targets/" + strings.Repeat(long+"/", 5) + "a",
	} {
		if checkBundlePath(p) == nil {
			t.Errorf("%q is accepted", p)
		}
	}
}
