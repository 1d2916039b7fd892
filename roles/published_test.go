package roles

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// spread is a file as garage-sign writes it, over many lines.
func spread(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPublished gives the form that is hashed: the canonical one in ota-ce, the
// file itself in tuf.
func TestPublished(t *testing.T) {
	canonical := newRepo(t, OTACE).publish().files["targets.json"]
	swapped := []byte(`{"signed":` + string(canonical[bytes.Index(canonical, []byte(`"signed":`))+9:len(canonical)-1]) + "," +
		string(canonical[1:bytes.Index(canonical, []byte(`,"signed":`))]) + "}")
	for name, data := range map[string][]byte{
		"canonical": canonical,
		"spread":    spread(t, canonical),
		"a newline": append(bytes.Clone(canonical), '\n'),
		"a space":   bytes.Replace(canonical, []byte(`{"sig`), []byte(`{ "sig`), 1),
		"swapped":   swapped,
		"escaped":   bytes.Replace(canonical, []byte(`"method"`), []byte(`"m\u0065thod"`), 1),
		"slash":     bytes.Replace(canonical, []byte(`"_type"`), []byte(`"_\u0074ype"`), 1),
	} {
		file, err := Read(OTACE, TypeTargets, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if asItStands := statement(data); !asItStands.States(file) { // as older snapshots have it
			t.Errorf("%s: the file as it stands is not the one that is stated", name)
		}
		want := statement(canonical)
		want.Name = "targets.json"
		if got := MetaOf("targets", file); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: stated as %v, want %v", name, got, want)
		}
		if !bytes.Equal(file.Published(), canonical) || !bytes.Equal(file.Raw, data) {
			t.Errorf("%s: published as %s", name, file.Published())
		}
	}
	data := spread(t, newRepo(t, TUF).publish().files["1.targets.json"])
	if file, err := Read(TUF, TypeTargets, data); err != nil || !bytes.Equal(file.Published(), data) {
		t.Errorf("tuf: %v, or another form than the file's", err)
	}
}

// TestStatedForm takes a supplier's spread file where snapshot states what the
// format's clients hash, and refuses it where it states anything else.
func TestStatedForm(t *testing.T) {
	const refusal = "firmware.json: the file has N bytes, want N (possible mix-and-match attack)"
	for _, c := range []struct {
		name    string
		states  func(data []byte, published []byte) Meta // of the supplier's file
		tuf, ce string
	}{
		{"the file", func(data, _ []byte) Meta { return statement(data) }, "no error", refusal},
		{"the canonical form", func(_, published []byte) Meta { return statement(published) },
			"firmware.json: the file has N bytes, want at most N (possible endless data attack)", "no error"},
		{"the canonical form without length", func(_, published []byte) Meta {
			m := statement(published)
			m.Length = -1
			return m
		}, "firmware.json: sha256 is ID, want ID (possible mix-and-match attack)", "no error"},
	} {
		for f, want := range map[Format]string{TUF: c.tuf, OTACE: c.ce} {
			r := newRepo(t, f)
			r.delegate("targets", "firmware", 7, false, "fw/*").Images = []Image{image("fw/a.bin")}
			r.publish()
			name := f.MetadataPath("firmware", 1)
			canonical := r.files[name]
			r.files[name] = spread(t, canonical)
			r.snapshot.Meta[0] = c.states(r.files[name], canonical)
			r.snapshot.Meta[0].Name = "firmware.json"
			client, err := r.publishSnapshot().verify(nil)
			if got := plainly(err); got != want {
				t.Errorf("%s: snapshot states %s:\n got %s\nwant %s", f.Name(), c.name, got, want)
			}
			odd := strings.Contains(client.Report().String(), "firmware.json: it is not in the canonical form that vehicles hash")
			if odd != (f == OTACE && err == nil) {
				t.Errorf("%s: snapshot states %s: report\n%s", f.Name(), c.name, client.Report())
			}
		}
	}
}

func statement(data []byte) Meta {
	return Meta{Version: 1, Length: int64(len(data)), Hashes: HashesOf(data)}
}

// TestSpreadSnapshot refuses a snapshot that is longer than timestamp states:
// vehicles stop downloading there. Spread targets are no matter.
func TestSpreadSnapshot(t *testing.T) {
	for role, want := range map[string]string{
		"snapshot": "snapshot.json: the file has N bytes, want at most N (possible endless data attack)",
		"targets":  "no error",
	} {
		r := newRepo(t, OTACE).publish()
		r.files[role+".json"] = spread(t, r.files[role+".json"])
		if _, err := r.verify(nil); plainly(err) != want {
			t.Errorf("%s: got %v, want %s", role, err, want)
		}
	}
}

// TestSnapshotSize takes a snapshot of hundreds of suppliers, if timestamp
// states its length.
func TestSnapshotSize(t *testing.T) {
	r := newRepo(t, OTACE).publish()
	for len(r.snapshot.Meta) < 450 {
		m := r.snapshot.Meta[len(r.snapshot.Meta)-1]
		m.Name = "z" + m.Name
		r.snapshot.Meta = append(r.snapshot.Meta, m)
	}
	r.publishSnapshot()
	if n := len(r.files["snapshot.json"]); n < 81_000 {
		t.Fatalf("snapshot has %d bytes; the test shows nothing", n)
	}
	if _, err := r.verify(nil); err != nil {
		t.Error(err)
	}
}

// TestReuseSpread takes a remembered file by the form that is hashed.
func TestReuseSpread(t *testing.T) {
	r, state := newRepo(t, OTACE), memory{}
	r.publish()
	r.files["targets.json"] = spread(t, r.files["targets.json"])
	for range 2 {
		c, err := NewClient(r.files["1.root.json"], r, now)
		if err != nil {
			t.Fatal(err)
		}
		r.asked, c.State, c.Reuse = nil, state, true
		if err := c.Refresh(); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.asked) != 2 {
		t.Errorf("asked for %q again", r.asked)
	}
}
