package takeover

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/roles"
)

// entries are the files of an archive: name, content.
type entries [][2]string

func zipped(t testing.TB, files entries) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, file := range files {
		to, err := w.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		to.Write([]byte(file[1]))
	}
	w.Close()
	return b.Bytes()
}

func tarred(t testing.TB, files entries) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, file := range files {
		if err := w.WriteHeader(&tar.Header{Name: file[0], Mode: 0o600, Size: int64(len(file[1]))}); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(file[1]))
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

func written(t *testing.T, name string, data []byte) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	public  = `{"keytype":"ED25519","keyval":{"public":"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}}`
	secret  = `{"keytype":"ED25519","keyval":{"public":"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a","private":"00"}}`
	pemFile = "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n"
)

// TestArchives takes root.json out of credentials, and public keys out of the archive
// of fioctl, and no private key out of either.
func TestArchives(t *testing.T) {
	root := ceremonytest.Content(t, vectors, "ota-ce/ok/repo/1.root.json")
	rest := vectors + "ota-ce/ok/repo"
	for _, test := range []struct {
		name string
		data []byte
		code fault.Code
		want string
	}{
		{"credentials.zip", zipped(t, entries{{"treehub.json", "{}"}, {"root.json", root}, {"targets.pub", public}}), 0, ""},
		{"credentials.zip", zipped(t, entries{{"root.json", root}, {"targets.sec", "x"}}), fault.Refused, "credentials.zip/targets.sec: holds a private key"},
		{"credentials.zip", zipped(t, entries{{"root.json", root}, {"autoprov_credentials.p12", "x"}}), fault.Refused, "autoprov_credentials.p12: holds a private key"},
		{"credentials.zip", zipped(t, entries{{"client.pem", pemFile}}), fault.Refused, "client.pem: holds a private key"},
		{"credentials.zip", zipped(t, entries{{"targets.json", secret}}), fault.Refused, "targets.json: holds a private key"},
		{"credentials.zip", []byte("PK"), fault.Unverified, "credentials.zip: cannot be read"},
		{"credentials.zip", zipped(t, entries{{"root.json", strings.Repeat(" ", maxArchive+1)}}), fault.Unverified, "holds more than 67108864 bytes"},
		{"keys.tgz", tarred(t, entries{{"tufrepo/keys/first-root.pub", public}, {"tufrepo/keys/first-root.sec", secret}, {"tufrepo/../../x", "x"}}), 0, ""},
		{"keys.tgz", tarred(t, entries{{"first-root.pub", secret}}), fault.Refused, "first-root.pub: holds a private key"},
		{"keys.tgz", []byte("no gzip"), fault.Unverified, "keys.tgz: cannot be read"},
		{"keys.tgz", tarred(t, entries{{"x.json", strings.Repeat(" ", maxArchive+1)}}), fault.Unverified, "keys.tgz: cannot be read"},
		{"keys.rar", nil, fault.Usage, "is not a kind of file that metadata comes in"},
	} {
		found, err := Read([]string{written(t, test.name, test.data), rest})
		if test.code != 0 {
			ceremonytest.WantError(t, err, test.code, test.want)
		} else if err != nil || found.newest("root") != 2 {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	found, err := Read([]string{written(t, "keys.tgz", tarred(t, entries{{"first-root.pub", public}, {"first-root.sec", secret}})), rest})
	if err != nil || len(found.named) != 1 || !strings.Contains(fmt.Sprint(found.Notes), "first-root.sec: a private key, which was not read") {
		t.Errorf("got %v, %q, %v", found.named, found.Notes, err)
	}
	for _, name := range found.named {
		if name != "first-root" {
			t.Errorf("called %s", name)
		}
	}
}

// FuzzZip reads whatever calls itself credentials.
func FuzzZip(f *testing.F) {
	root := ceremonytest.Content(f, vectors, "ota-ce/ok/repo/1.root.json")
	for _, e := range []entries{
		{{"root.json", "{}"}, {"targets.sec", "x"}}, {{"root.json", root}, {"treehub.json", "{}"}}, {{"deep/root.json", root}, {"root.json", root}},
		{{"api_gateway.url", "x"}, {"root.json", "-----BEGIN PRIVATE KEY-----"}}, {{"../root.json", root}}, {{"root.json/", ""}}, nil,
	} {
		f.Add(zipped(f, e))
	}
	whole := zipped(f, entries{{"root.json", root}})
	f.Add(whole[:len(whole)/2])
	f.Add(append([]byte("front"), whole...))
	f.Fuzz(func(t *testing.T, data []byte) { (&reader{Found: newFound(), left: maxTotal}).zip("a.zip", data) })
}

// FuzzTGZ reads whatever calls itself an archive of keys.
func FuzzTGZ(f *testing.F) {
	f.Add(tarred(f, entries{{"a.pub", public}, {"b.sec", "x"}, {"root.json", "{}"}}))
	f.Add(tarred(f, entries{{"../a.pub", public}, {"keys/b.pub", "{}"}, {"c.pem", "-----BEGIN PRIVATE KEY-----"}}))
	f.Add(tarred(f, nil))
	whole := tarred(f, entries{{"root.json", ceremonytest.Content(f, vectors, "ota-ce/ok/repo/1.root.json")}})
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, data []byte) { (&reader{Found: newFound(), left: maxTotal}).tgz("a.tgz", data) })
}

// FuzzFile reads whatever lies in a folder under the name of metadata or of a key.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"tuf/ok-mixed/metadata/3.targets.json", "ota-ce/ok/repo/2.root.json"} {
		f.Add("3.targets.json", []byte(ceremonytest.Content(f, vectors, name)))
	}
	f.Add("a.pub", []byte(public))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		r := &reader{Found: newFound(), left: maxTotal}
		if r.take(name, data) != nil || r.format == nil {
			return
		}
		for at, m := range r.files {
			if at.version != roles.HeadOf(m.Body).Version {
				t.Errorf("%+v holds version %d", at, roles.HeadOf(m.Body).Version)
			}
		}
	})
}
