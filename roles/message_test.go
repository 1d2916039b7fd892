package roles

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"strings"
	"testing"
)

// TestVerdictsAreOfOneMessage has a draft remember a signature, and nothing that it
// remembers is believed of other bytes, of another key or of another signature.
func TestVerdictsAreOfOneMessage(t *testing.T) {
	pairs := newKeyPairs(t)
	key, err := NewKey(TUF, pairs.ed25519.Public())
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewKey(TUF, pairs.p256.Public())
	if err != nil {
		t.Fatal(err)
	}
	r := newRepo(t, TUF)
	draft := r.planned("targets", r.targets)
	good := ed25519.Sign(pairs.ed25519, draft.Signed)
	bad := bytes.Clone(good)
	bad[0] ^= 1
	for range 2 { // the second time from memory
		if err := draft.Verify(key, good); err != nil {
			t.Error(err)
		}
		if draft.Verify(key, bad) == nil || draft.Verify(other, good) == nil {
			t.Error("another signature, or another key's, is good too")
		}
	}
	changed := *draft
	changed.Signed = bytes.Replace(draft.Signed, []byte(`"version":`), []byte(`"version":1`), 1)
	if changed.Verify(key, good) == nil || changed.SHA256() == draft.SHA256() {
		t.Error("what is known of a message is believed of another")
	}
}

// TestReadBack reads what was made of a draft, and nothing else.
func TestReadBack(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f)
		draft := r.planned("targets", r.targets)
		data, err := draft.Seal(nil)
		if err != nil {
			t.Fatal(err)
		}
		other := bytes.Replace(data, []byte(`"length":`), []byte(`"length":1`), 1)
		for round := range 2 { // the second time the signed part is compared
			file, err := draft.ReadBack(bytes.Clone(data))
			want, readErr := Read(f, TypeTargets, data)
			if err != nil || readErr != nil || !bytes.Equal(file.Signed, want.Signed) || !bytes.Equal(file.Published(), want.Published()) || len(Diff(want.Body, file.Body, DiffOptions{})) != 0 {
				t.Errorf("%s, round %d: %v, %v, or another file", f.Name(), round, err, readErr)
			}
			for what, bytes := range map[string][]byte{"other images": other, "more at the end": append(bytes.Clone(data), '{'), "cut off": data[:len(data)-1]} {
				if _, err := draft.ReadBack(bytes); err == nil {
					t.Errorf("%s, round %d: %s reads back", f.Name(), round, what)
				}
			}
		}
	}
}

// TestSummed takes the digest that a reader computed for that of the published form only
// where a file is published as it stands.
func TestSummed(t *testing.T) {
	r := newRepo(t, OTACE).publish()
	file, err := Read(OTACE, TypeTargets, append([]byte(" "), r.files["targets.json"]...))
	if err != nil {
		t.Fatal(err)
	}
	file.Summed([32]byte{1})
	if want := HashesOf(r.files["targets.json"]); want.Match(MetaOf("targets", file).Hashes) != nil {
		t.Error("the digest of other bytes is stated")
	}
	plain, err := Read(OTACE, TypeTargets, r.files["targets.json"])
	if err != nil {
		t.Fatal(err)
	}
	plain.Summed([32]byte{1})
	if got := plain.SHA256(); got != [32]byte{1} {
		t.Errorf("got %x, want what the reader said", got)
	}
}

// TestStatesByOneDigest tells a file by its SHA-256 where that is stated; a client wants
// all digests to agree.
func TestStatesByOneDigest(t *testing.T) {
	r := newRepo(t, TUF).publish()
	data := r.files["1.targets.json"]
	file, err := Read(TUF, TypeTargets, data)
	if err != nil {
		t.Fatal(err)
	}
	meta := Meta{Name: "targets.json", Version: HeadOf(file.Body).Version, Length: int64(len(data)), Hashes: HashesOf(data)}
	meta.Hashes.SHA512 = new([sha512.Size]byte)
	if !meta.States(file) || meta.checkPublished(file) == nil {
		t.Error("want the file to be told by its SHA-256, and to be refused for its SHA-512")
	}
	if meta.Hashes.SHA256[0] ^= 1; meta.States(file) {
		t.Error("told by another SHA-256")
	}
}

// TestCustomOfNeighbours reads and writes custom data that is that of the image above,
// its beginning, and none.
func TestCustomOfNeighbours(t *testing.T) {
	customs := []string{`{"a":1}`, `{"a":1}`, `{"a":12}`, `{"a":1,"b":[]}`, `{"a":1}`, "", `{"b":{"a":1}}`, `{"b":{"a":1}}`, `{ "b":{"a":1}}`, `{"b":{"a":1}}`}
	r := newRepo(t, TUF)
	r.targets.Images = nil
	for i, custom := range customs {
		image := image(string(rune('a' + i)))
		if image.Custom = []byte(custom); custom == "" {
			image.Custom = nil
		}
		r.targets.Images = append(r.targets.Images, image)
	}
	data, err := r.planned("targets", r.targets).Seal(nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := Read(TUF, TypeTargets, data)
	if err != nil {
		t.Fatal(err)
	}
	for i, image := range file.Body.(*Targets).Images {
		if want := strings.ReplaceAll(customs[i], " ", ""); string(image.Custom) != want {
			t.Errorf("image %d: custom is %s, want %s", i, image.Custom, want)
		}
	}
}
