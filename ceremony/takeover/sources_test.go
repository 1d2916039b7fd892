package takeover

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptane/keyrite/ceremony/bundle"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
	"github.com/uptane/keyrite/ceremony/fault"
)

// layout is where a tool keeps a repository: the files of a folder, from test vectors
// or with a text of their own.
type layout map[string]string

// content of a file: a name of the vectors, or the text itself.
func content(t *testing.T, from string) string {
	if strings.HasPrefix(from, "tuf/") || strings.HasPrefix(from, "ota-ce/") {
		return ceremonytest.Content(t, vectors, from)
	}
	return from
}

func (l layout) in(t *testing.T, name string) string {
	dir := filepath.Join(t.TempDir(), name)
	for file, from := range l {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content(t, from)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// bundled packs the metadata of a layout.
func (l layout) bundled(t *testing.T) string {
	var files []bundle.File
	for name, from := range l {
		data := content(t, from)
		files = append(files, bundle.File{
			Path: "metadata/" + name, Length: int64(len(data)), SHA256: sha256.Sum256([]byte(data)),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil },
		})
	}
	var b bytes.Buffer
	if err := bundle.Write(&b, bundle.Head{Repository: "image", Format: "tuf"}, files); err != nil {
		t.Fatal(err)
	}
	return written(t, "image.tar", b.Bytes())
}

// rootKey is the public key of root in a vector, as libtuf's tools write one.
func rootKey(t *testing.T, name string) string {
	var file struct {
		Signed struct {
			Keys  map[string]json.RawMessage
			Roles map[string]struct{ KeyIDs []string }
		}
	}
	if err := json.Unmarshal([]byte(content(t, name)), &file); err != nil {
		t.Fatal(err)
	}
	return string(file.Signed.Keys[file.Signed.Roles["root"].KeyIDs[0]])
}

const (
	repo   = "ota-ce/ok/repo/"
	mixed  = "tuf/ok-mixed/metadata/"
	sealed = `{"keytype":"ED25519","keyval":{"public":"00","private":"00"}}`
)

// published is what OTA Community Edition serves.
func published(below string) layout {
	l := layout{}
	for _, name := range []string{"1.root.json", "2.root.json", "root.json", "targets.json", "snapshot.json", "timestamp.json", "delegations/apps.json"} {
		l[below+name] = repo + name
	}
	return l
}

// with adds files to a layout.
func (l layout) with(more layout) layout {
	maps.Copy(l, more)
	return l
}

// TestSources takes over a repository from each kind of place that a tool keeps one in,
// laid out as that tool does: nothing but its metadata and public keys is taken, whatever
// lies beside them.
func TestSources(t *testing.T) {
	const whole = "root 1, root 2, apps 2, targets 3, snapshot 5, timestamp 5"
	const wholeTUF = "root 1, root 2, root 3, firmware 2, targets 3, snapshot 5, timestamp 9"
	key := rootKey(t, repo+"2.root.json")
	numbered := layout{}
	for _, name := range []string{"1.root.json", "2.root.json", "3.root.json", "3.targets.json", "2.firmware.json", "5.snapshot.json", "timestamp.json"} {
		numbered[name] = mixed + name
	}
	for _, test := range []struct {
		source string
		from   []string
		want   string // roles and versions
		key    string // what the key that signs root is called
		note   string
	}{
		{"a published folder", []string{published("").with(layout{
			"targets/apps/root.json": "an image that is called like this", "index.html": "<p>",
		}).in(t, "repo")}, whole, "root-1", ""},
		{"a bundle", []string{numbered.bundled(t)}, wholeTUF, "root-1", ""},
		{"uptane-sign", []string{published("roles/").with(layout{
			"keys/offline-root.pub": key, "keys/offline-root.sec": sealed,
			"roles/unsigned/targets.json": "a draft", "config.json": `{"reposerver": "https://ota.example"}`,
		}).in(t, "tuf/REPO")}, whole, "offline-root", "keys/offline-root.sec: a private key, which was not read"},
		{"credentials.zip", []string{written(t, "credentials.zip", zipped(t, entries{
			{"treehub.json", "{}"}, {"tufrepo.url", "https://ota.example"}, {"targets.pub", key}, {"root.json", content(t, repo+"1.root.json")},
		}))}, "root 1", "root-1", ""},
		{"uptane-generator", []string{filepath.Join(published("repo/repo/").with(layout{
			"keys/repo/root/private.key": "-----BEGIN PRIVATE KEY-----", "keys/repo/root/public.key": "key", "keys/repo/root/key_type": "ED25519",
			"repo/repo/targets/fw-1.bin": "image", "repo/repo/manifest": "",
		}).in(t, "uptane-generator"), "repo/repo")}, whole, "root-1", ""},
		{"fioctl", []string{
			written(t, "offline-tuf-root-keys.tgz", tarred(t, entries{{"tufrepo/keys/factory-root.pub", key}, {"tufrepo/keys/factory-root.sec", sealed}})),
			published("").in(t, "served"),
		}, whole, "factory-root", "tufrepo/keys/factory-root.sec: a private key, which was not read"},
		{"tuf-on-ci", []string{layout{
			"metadata/root.json": mixed + "3.root.json", "metadata/root_history/1.root.json": mixed + "1.root.json",
			"metadata/root_history/2.root.json": mixed + "2.root.json", "metadata/root_history/3.root.json": mixed + "3.root.json",
			"metadata/targets.json": mixed + "3.targets.json", "metadata/firmware.json": mixed + "2.firmware.json",
			"metadata/snapshot.json": mixed + "5.snapshot.json", "metadata/timestamp.json": mixed + "timestamp.json",
			".github/TUF_ON_CI.json": "{}", "targets/readme.txt": "hello", ".tuf-on-ci-sign.ini": "[settings]",
		}.in(t, "tuf-on-ci")}, wholeTUF, "root-1", ""},
		{"RSTUF", []string{numbered.with(layout{"2.targets.json": "{}", "health.txt": "ok"}).in(t, "storage")}, wholeTUF, "root-1", ""},
	} {
		taken, err := Import(t.Context(), emptyRoom(t), Request{Repository: "image", From: test.from, Fleet: "f"})
		if err != nil {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		if got := versions(taken); got != test.want {
			t.Errorf("%s: got %s, want %s", test.source, got, test.want)
		}
		named := slices.ContainsFunc(taken.Keys, func(k Key) bool { return k.Name == test.key })
		if notes := fmt.Sprint(taken.Notes); !named || !strings.Contains(notes, test.note) {
			t.Errorf("%s: keys %v, notes %q; want a key %s and the note %q", test.source, taken.Keys, notes, test.key, test.note)
		}
	}
}

// TestSourceOfTwo is the whole folder of uptane-generator, which holds both repositories.
func TestSourceOfTwo(t *testing.T) {
	both := published("repo/repo/").with(layout{"repo/director/1.root.json": "ota-ce/ok/director/1.root.json"})
	_, err := Import(t.Context(), emptyRoom(t), Request{Repository: "image", From: []string{both.in(t, "generated")}, Fleet: "f"})
	ceremonytest.WantError(t, err, fault.Unverified, "repo/director/1.root.json and ")
	if hint := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hint, "name the folder or the files of one repository") {
		t.Errorf("got the hint %q", hint)
	}
}
