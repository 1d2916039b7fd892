package images

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/fault"
)

var (
	sumA, sumB   = fmt.Sprintf("%x", sha256.Sum256([]byte("1"))), fmt.Sprintf("%x", sha256.Sum256([]byte("22")))
	longA, longB = fmt.Sprintf("%x", sha512.Sum512([]byte("1"))), fmt.Sprintf("%x", sha512.Sum512([]byte("22")))
)

// lists writes lists and returns their paths.
func lists(t *testing.T, texts ...string) (files []string) {
	t.Helper()
	dir := t.TempDir()
	for i, text := range texts {
		name := filepath.Join(dir, fmt.Sprintf("list%d", i))
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	return files
}

// TestForeignLists reads what others write, and holds images against it.
func TestForeignLists(t *testing.T) {
	dir := imageDir(t, map[string]string{"a": "1", "sub/b": "22", "unlisted": "3"})
	for name, texts := range map[string][]string{
		"sha256sum":          {sumA + "  a\n" + sumB + "  ./sub/b\n"},
		"sha256sum -b, CRLF": {sumA + " *a\r\n" + strings.ToUpper(sumB) + " *sub/b\r\n"},
		"sha512sum":          {longA + "  a\n" + longB + "  sub/b\n"},
		"both":               {sumA + "  a\n" + sumB + "  sub/b\n", longA + "  a\n" + longB + "  sub/b\n"},
		"BSD":                {"SHA256 (a) = " + sumA + "\nSHA512 (sub/b) = " + longB + "\n"},
		"CSV":                {"Path,size,sha256,note\na,1," + sumA + ",first\nsub/b,2," + sumB + ",\n"},
		"CSV, quoted, BOM":   {"\xef\xbb\xbfsha512, path\r\n" + longA + `, "a"` + "\r\n" + longB + ", sub/b\r\n"},
		"JSON list":          {`[{"path":"a","length":1,"sha256":"` + sumA + `"},{"path":"sub/b","hashes":{"sha512":"` + longB + `"},"more":[1]}]`},
		"JSON by path":       {`{"a":{"length":1,"hashes":{"sha256":"` + sumA + `"}},"sub/b":{"sha256":"` + sumB + `"}}`},
		"JSON targets":       {`{"version":7,"targets":{"a":{"sha256":"` + sumA + `"},"sub/b":{"sha256":"` + sumB + `"}}}`},
		"images.yaml":        {"version: 1\nimages:\n  - path: a\n    length: 1\n    sha256: " + sumA + "\n  - path: sub/b\n    length: 2\n    sha256: " + sumB + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "images.yaml")
			found, err := Hash(t.Context(), HashRequest{From: lists(t, texts...), Check: dir, Out: out}, nil)
			if err != nil || found.Images != 2 || found.Bytes != 3 {
				t.Fatalf("got %+v, %v", found, err)
			}
			for i, image := range parsedImages(t, out) {
				if want := []string{"a", "sub/b"}[i]; image.Path != want || image.SHA512 == nil || image.Length != int64(i+1) {
					t.Errorf("got %+v", image)
				}
			}
		})
	}
}

// TestListWithoutImages takes over a list that says all that metadata needs.
func TestListWithoutImages(t *testing.T) {
	out := filepath.Join(t.TempDir(), "images.yaml")
	list := lists(t, `[{"path":"a","length":1,"sha256":"`+sumA+`","custom":{"version":"1.2","hardwareIds":["x"]}}]`)
	if _, err := Hash(t.Context(), HashRequest{From: list, Out: out, HardwareIDs: []string{"y"}}, nil); err != nil {
		t.Fatal(err)
	}
	if image := parsedImages(t, out)[0]; string(image.Custom) != `{"hardwareIds":["x"],"version":"1.2"}` || image.SHA512 != nil {
		t.Errorf("got %+v", image)
	}
}

func TestForeignListsRefused(t *testing.T) {
	dir := imageDir(t, map[string]string{"a": "1", "sub/b": "22"})
	for name, tt := range map[string]struct {
		check string
		texts []string
		code  fault.Code
		want  string
	}{
		"not there":      {dir, []string{sumA + "  a\n" + sumA + "  c\n"}, fault.Unverified, "1 image not as listed:\nc is not there"},
		"otherwise":      {dir, []string{sumB + "  a\n" + longA + "  sub/b\n"}, fault.Unverified, "2 images not as listed:\na: sha256 is " + sumA + ", want " + sumB + "\nsub/b: sha512 is "},
		"other length":   {dir, []string{"path,length,sha256\na,2," + sumA + "\n"}, fault.Unverified, "a: length is 1, want 2"},
		"no hash":        {dir, []string{"path,length\na,1\n"}, fault.Unverified, "a: no hash is listed"},
		"no length":      {"", []string{sumA + "  a\n"}, fault.Usage, "a has no length"},
		"no SHA-256":     {"", []string{"path,length,sha512\na,1," + longA + "\n"}, fault.Usage, "a has no SHA-256"},
		"contradiction":  {dir, []string{sumA + "  a\n", sumB + "  a\n"}, fault.Usage, `"a" is there twice, with different values`},
		"short hash":     {dir, []string{"path,sha256\na,1234\n"}, fault.Usage, `line 2: sha256 is "1234", want 64 hexadecimal digits`},
		"twice in JSON":  {dir, []string{`{"a":{"sha256":"` + sumA + `","sha256":"` + sumB + `"}}`}, fault.Usage, `"sha256" is there twice`},
		"column twice":   {dir, []string{"path,sha256,SHA256\na," + sumA + "," + sumB + "\n"}, fault.Usage, `column "sha256" is there twice`},
		"a tail":         {dir, []string{`[] []`}, fault.Usage, "something comes after the JSON"},
		"deep JSON":      {dir, []string{strings.Repeat("[", 40)}, fault.Usage, "is nested more than 32 deep"},
		"out of folder":  {dir, []string{sumA + "  ../a\n"}, fault.Usage, `"../a"`},
		"a line of text": {dir, []string{sumA + "  a\nhello\n"}, fault.Usage, `line 2 is "hello", want a hash and a path`},
		"negative":       {dir, []string{`[{"path":"a","length":-1}]`}, fault.Usage, "length is -1"},
		"a float":        {dir, []string{`[{"path":"a","sha256":"` + sumA + `","custom":{"v":1.5}}]`}, fault.Usage, `custom has "1.5"`},
		"no list":        {dir, []string{"hello\n"}, fault.Usage, "list0:1"},
		"case":           {"", []string{"path,length,sha256\na,1," + sumA + "\nA,1," + sumA + "\n"}, fault.Usage, "differ in case only"},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "images.yaml")
			_, err := Hash(t.Context(), HashRequest{From: lists(t, tt.texts...), Check: tt.check, Out: out}, nil)
			if fault.CodeOf(err) != tt.code || !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("got %v (code %d), want %s (code %d)", err, fault.CodeOf(err), tt.want, tt.code)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a list was written")
			}
		})
	}
}

// TestManyProblems names the first ones.
func TestManyProblems(t *testing.T) {
	text := ""
	for i := range 12 {
		text += fmt.Sprintf("%s  %02d\n", sumA, i)
	}
	_, err := Hash(t.Context(), HashRequest{From: lists(t, text), Check: t.TempDir()}, nil)
	if !strings.Contains(fmt.Sprint(err), "12 images not as listed") || !strings.HasSuffix(fmt.Sprint(err), "\n09 is not there\nand 2 more") {
		t.Errorf("got %v", err)
	}
}

// FuzzReadClaims never panics, and gives each path once.
func FuzzReadClaims(f *testing.F) {
	f.Add([]byte(sumA + "  a\n"))
	f.Add([]byte("path,length,sha256\na,1," + sumA + "\n"))
	f.Add([]byte(`{"images":[{"path":"a","length":1,"sha256":"` + sumA + `","custom":{"a":[true]}}]}`))
	f.Add([]byte("version: 1\nimages:\n  - {path: a, length: 1, sha256: " + sumA + "}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		claims, err := readClaims("list", data)
		if err != nil {
			return
		}
		byPath := map[string]*Claim{}
		for _, c := range claims {
			if c.Length < -1 {
				t.Errorf("length %d", c.Length)
			}
			_ = c.join(byPath)
		}
	})
}
