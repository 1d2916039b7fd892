package roles

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
)

// TestEncodeRefuses versions that no client counts to.
func TestEncodeRefuses(t *testing.T) {
	for version, good := range map[int64]bool{-1: false, 0: false, 1: true, MaxVersion: true, MaxVersion + 1: false} {
		r := newRepo(t, TUF)
		r.targets.Version = version
		if _, err := Encode(TUF, r.targets); (err == nil) != good {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

// TestSeal makes a file that reads as what was drafted, and none where a
// signature is bad or clients would not take the size.
func TestSeal(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f)
		draft, err := Encode(f, r.targets)
		if err != nil {
			t.Fatal(err)
		}
		a, privateA := testKey(t, f, 3)
		b, privateB := testKey(t, f, 4)
		good := []SignedBy{{a, ed25519.Sign(privateA, draft.Signed)}, {b, ed25519.Sign(privateB, draft.Signed)}}
		data, err := draft.Seal(good)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Read(f, TypeTargets, data)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckThreshold(file, *r.root.Role("targets"), r.root.Keys).Err(); err != nil || !bytes.Equal(file.Signed, draft.Signed) {
			t.Errorf("%s: %v, signed part %s, want %s", f.Name(), err, file.Signed, draft.Signed)
		}
		bad := []SignedBy{good[0], {b, ed25519.Sign(privateA, draft.Signed)}}
		made, err := draft.Seal(bad)
		if want := "signature of key " + string(b.ID) + ": signature does not fit the content"; err == nil || err.Error() != want || made != nil {
			t.Errorf("%s: made %d bytes, %v; want none, %s", f.Name(), len(made), err, want)
		}
	}
}

// TestProducerRefuses never makes what some real client would misread.
func TestProducerRefuses(t *testing.T) {
	for _, a := range keyAttacks[:7] {
		r := newRepo(t, TUF)
		r.delegate("targets", "firmware", 7, false, "fw/*")
		a.bend(r)
		_, root := Encode(TUF, r.root)
		_, targets := Encode(TUF, r.targets)
		if root == nil && targets == nil {
			t.Errorf("%s: encoded, want: %s", a.name, a.want)
		}
	}
	r := newRepo(t, OTACE)
	r.root.Extra = []Member{{Name: "filler", Raw: []byte(`"` + strings.Repeat("x", 64<<10) + `"`)}}
	draft, err := Encode(OTACE, r.root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := draft.Seal(nil); err == nil || !strings.Contains(err.Error(), "format ota-ce takes at most 65536 for root") {
		t.Errorf("a root that is too large: %v", err)
	}
}
